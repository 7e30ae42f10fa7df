import { useEffect, useState, type DragEvent, type ReactNode } from 'react';
import styles from './file-drop.module.css';

type FileDropProps = {
  /** Shown while a file is over it. */
  readonly hint: string;
  readonly onDrop: (file: File) => void;
  readonly children: ReactNode;
};

/** Takes a file that is dropped on what it holds. Whoever drops nothing has a button for the same elsewhere. */
export function FileDrop({ hint, onDrop, children }: FileDropProps): ReactNode {
  const [isOver, setIsOver] = useState(false);
  // A file that is dropped beside it would else be opened by the browser in place of the console.
  useEffect(() => {
    const refuse = (event: Event): void => event.preventDefault();
    addEventListener('dragover', refuse);
    addEventListener('drop', refuse);
    return () => {
      removeEventListener('dragover', refuse);
      removeEventListener('drop', refuse);
    };
  }, []);

  function over(event: DragEvent): void {
    if (!event.dataTransfer.types.includes('Files')) return;
    event.preventDefault();
    setIsOver(true);
  }
  return (
    <div
      className={styles['drop']}
      data-is-over={isOver || undefined}
      onDragEnter={over}
      onDragOver={over}
      onDragLeave={({ currentTarget, relatedTarget }) => {
        if (!(relatedTarget instanceof Node) || !currentTarget.contains(relatedTarget)) setIsOver(false);
      }}
      onDrop={(event) => {
        event.preventDefault();
        setIsOver(false);
        const [file] = event.dataTransfer.files;
        if (file !== undefined) onDrop(file);
      }}
    >
      {children}
      {isOver && (
        <p className={styles['hint']} aria-hidden>
          {hint}
        </p>
      )}
    </div>
  );
}
