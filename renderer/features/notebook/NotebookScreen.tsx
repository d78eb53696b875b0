/** The notebook: the documents, the text of the open one, and its sampling. */
import { FileX2, NotebookPen, Plus } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { NotebookDocument, NotebookListEvent } from '../../../preload/contract/notebook.ts';
import { useLiveReduce } from '../../connection/live.ts';
import { navigate } from '../../navigation/router.ts';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import { SidePanel } from '../../parts/SidePanel.tsx';
import { Button } from '../../ui/controls/Button.tsx';
import { EmptyState } from '../../ui/display/EmptyState.tsx';
import { Skeleton } from '../../ui/display/Skeleton.tsx';
import { useMedia } from '../../ui/use-media.ts';
import { words } from '../../words/words.ts';
import { createDocument, isDeletedHere } from './actions.ts';
import { DocumentList } from './list/DocumentList.tsx';
import { DocumentPane } from './DocumentPane.tsx';
import './notebook.css';

type Documents = readonly NotebookDocument[];

function foldList(documents: Documents, event: NotebookListEvent): Documents {
  switch (event.type) {
    case 'snapshot':
      return event.documents;
    case 'document': {
      const { document } = event;
      const others = documents.filter(({ id }) => id !== document.id);
      return [...others, document].sort((one, other) => other.updatedAt - one.updatedAt);
    }
    case 'removed':
      return documents.filter(({ id }) => id !== event.documentId);
    default:
      return event satisfies never;
  }
}
const noDocuments: Documents = [];
const nothing = {};

export function NotebookScreen({ documentId }: { readonly documentId: string | null }): React.JSX.Element {
  const list = useLiveReduce<'notebook.watchList', Documents>('notebook.watchList', nothing, foldList, noDocuments);
  const narrow = useMedia('(max-width: 899.98px)');
  const [listOpen, setListOpen] = useState(false);
  const documents = list.value;
  const newest = documents?.find(({ id }) => !isDeletedHere(id))?.id;
  // The place "Notebook" is the document that was changed last.
  useEffect(() => {
    if (documentId === null && newest !== undefined)
      navigate({ screen: 'notebook', documentId: newest }, { replace: true });
  }, [documentId, newest]);

  return (
    <div className="notebook-screen">
      <h1 className="visually-hidden">{words.frame.notebook}</h1>
      <SidePanel
        title={words.notebook.documents}
        className="notebook-list-column"
        asSheet={narrow}
        open={!narrow || listOpen}
        onOpenChange={setListOpen}
        side="start"
        width={280}
      >
        {documents === undefined ? (
          list.status === 'error' ? (
            <ErrorCard error={list.error} compact onRetry={list.retry} />
          ) : (
            <Skeleton lines={5} label={words.notebook.loading} />
          )
        ) : (
          <DocumentList documents={documents} openId={documentId} onLeave={() => setListOpen(false)} />
        )}
      </SidePanel>
      {documentId !== null ? (
        <DocumentPane
          key={documentId}
          documentId={documentId}
          onList={narrow ? () => setListOpen(true) : null}
          gone={
            <EmptyState
              icon={FileX2}
              title={words.notebook.goneTitle}
              text={words.notebook.goneText}
              action={<NewDocument />}
            />
          }
        />
      ) : documents?.length === 0 ? (
        <div className="notebook-main">
          <EmptyState
            icon={NotebookPen}
            title={words.notebook.emptyTitle}
            text={words.notebook.emptyText}
            action={<NewDocument />}
          />
        </div>
      ) : (
        <div className="notebook-main" />
      )}
    </div>
  );
}

function NewDocument(): React.JSX.Element {
  return (
    <Button variant="primary" icon={Plus} onClick={() => void createDocument()}>
      {words.notebook.newDocument}
    </Button>
  );
}
