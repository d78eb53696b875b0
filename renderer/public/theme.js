// Runs before the first paint, so that a dark window does not flash light. The rest of the theme is in frame/theme.ts.
{
  let theme = null;
  try {
    theme = localStorage.getItem('hearth.theme');
  } catch {
    // A browser may forbid storage; then the system's theme applies.
  }
  const dark = theme === 'dark' || (theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
}
