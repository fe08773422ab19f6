const PATHS = {
  chat: 'M4 5h16v11H9l-5 4z',
  close: 'M6 6l12 12M18 6L6 18',
  send: 'M4 12l16-8-5 16-3-7z',
  phone: 'M6 4h4l1 5-2 1a10 10 0 0 0 5 5l1-2 5 1v4q0 2-2 2A16 16 0 0 1 4 6q0-2 2-2z',
  check: 'M5 13l4 4L19 7',
  clock: 'M12 7v5l3 2M12 3a9 9 0 1 0 .01 0',
  warn: 'M12 9v4m0 4h.01M12 3l10 18H2z',
}

/** A drawing beside a word that says the same. */
export function Icon({ name }: { name: keyof typeof PATHS }) {
  return <svg viewBox="0 0 24 24" aria-hidden="true"><path d={PATHS[name]} /></svg>
}
