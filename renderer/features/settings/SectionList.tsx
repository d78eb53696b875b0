import { useEffect, useState, type RefObject } from 'react';
import { href, type SettingsSection } from '../../navigation/router.ts';
import { words } from '../../words/words.ts';
import { sectionId, sectionInView, showSection } from './sections.ts';

/** A section that starts this far below the upper edge is read already. */
const EDGE_PX = 80;

/** Links to the sections, with the one marked that is read now. */
export function SectionList({
  scroller,
  sections,
}: {
  scroller: RefObject<HTMLElement | null>;
  /** Those that a search leaves. */
  sections: readonly SettingsSection[];
}) {
  const [current, setCurrent] = useState(0);
  useEffect(() => {
    const view = scroller.current;
    if (view === null) return;
    const read = (): void => {
      const { top } = view.getBoundingClientRect();
      const starts = sections.map(
        (name) => (document.getElementById(sectionId(name))?.getBoundingClientRect().top ?? Infinity) - top,
      );
      const isAtEnd = view.scrollTop + view.clientHeight >= view.scrollHeight - 1;
      setCurrent(sectionInView(starts, EDGE_PX, view.scrollTop <= 0 ? 'top' : isAtEnd ? 'end' : 'middle'));
    };
    read();
    view.addEventListener('scroll', read, { passive: true });
    return () => view.removeEventListener('scroll', read);
  }, [scroller, sections]);
  return (
    <nav className="settings-list" aria-label={words.settings.sectionList}>
      <ul>
        {sections.map((name, index) => (
          <li key={name}>
            <a
              href={href({ screen: 'settings', section: name })}
              aria-current={index === current ? 'location' : undefined}
              // The address may be that of this section already; it has been left by scrolling.
              onClick={() => showSection(name)}
            >
              {words.settings.sections[name].title}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
