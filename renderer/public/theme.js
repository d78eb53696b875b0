// Runs before the first paint, so that a dark window does not flash light and no text jumps to another size. The rest is
// in frame/appearance.ts.
{
  let theme = null;
  let look = {};
  try {
    theme = localStorage.getItem('hearth.theme');
    look = JSON.parse(localStorage.getItem('hearth.appearance')) ?? {};
  } catch {
    // A browser may forbid storage; then the system's theme applies.
  }
  const { dataset } = document.documentElement;
  const dark = theme === 'dark' || (theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  dataset.theme = dark ? 'dark' : 'light';
  if (look.contrast === 'more' || matchMedia('(prefers-contrast: more)').matches) dataset.contrast = 'more';
  for (const name of ['interfaceSize', 'conversationSize', 'density']) {
    if (typeof look[name] === 'string') dataset[name] = look[name];
  }
}
