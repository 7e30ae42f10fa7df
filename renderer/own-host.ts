/** Whether a name of ours, without its port, is that of this computer to itself. */
export function isThisComputer(host: string): boolean {
  return host === 'localhost' || host === '127.0.0.1' || host === '[::1]';
}

/** `http://192.168.1.20:11500` → `192.168.1.20`, as the server notes the name a device has used. */
export function hostOf(address: string): string {
  return new URL(address).hostname;
}
