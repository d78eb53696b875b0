import { CloudUpload, Monitor } from 'lucide-react';
import { Badge } from '../../../ui/display/Badge.tsx';
import { words } from '../../../words/words.ts';
import type { ChosenElsewhere } from './model-choice.ts';

/** Says that what is written in this chat leaves this computer, and where it goes. */
export function ElsewhereMark({ model }: { readonly model: ChosenElsewhere }): React.JSX.Element {
  const { server } = model;
  // Until the servers are listed nobody knows: it is said rather once too often.
  const leaves = server?.leavesComputer ?? true;
  return (
    <span className="chat-elsewhere">
      <Badge
        tone={leaves ? 'amber' : 'neutral'}
        icon={leaves ? CloudUpload : Monitor}
        title={server === null ? words.elsewhere.leaves : words.elsewhere.goesTo(server.name, server.address)}
      >
        {leaves ? words.elsewhere.leaves : words.elsewhere.otherProgram}
      </Badge>
    </span>
  );
}
