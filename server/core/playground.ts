/** As the log names what the owner asks from the console as nobody's device. No key that is stored has such an id. */
export const playgroundKeyId = 'playground';
export const playgroundName = 'Playground';
