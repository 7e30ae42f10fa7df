import { z } from 'zod';

/** How the server speaks https: `GET /api/https` and what changes it. Nothing here ever holds a private key. */

const isoTime = z.iso.datetime();

/** Where devices download our authority's certificate, below every address of ours. */
export const authorityPath = '/.well-known/inglenook-ca.pem';

const certificateFacts = z.object({
  /** The common name, for people. */
  subject: z.string(),
  issuer: z.string(),
  names: z.array(z.string()),
  addresses: z.array(z.string()),
  validFrom: isoTime,
  validUntil: isoTime,
  /** SHA-256 of the whole certificate, `AB:CD:…`, as browsers and systems show it. */
  fingerprint: z.string(),
});
export type HttpsCertificate = z.infer<typeof certificateFacts>;

/** What works for some clients only; each has its own sentence in the console. */
const ownWarning = z.enum(['no-intermediate', 'self-signed', 'ends-soon']);

export const httpsState = z.object({
  /** Whether https is spoken; false only where no certificate could be made, `problem` says why. */
  on: z.boolean(),
  /** Other computers are answered by https alone. */
  only: z.boolean(),
  /** The console and the admin API answer other computers too, by https. */
  networkConsole: z.boolean(),
  /** Names under which a tunnel or reverse proxy leads here. */
  publicNames: z.array(z.string()),
  /** The office's own DNS domain; our authority may vouch for names in it. */
  officeDomain: z.string().nullable(),
  /** `https://192.168.1.20:11500`; null while the office is not let in. */
  address: z.string().nullable(),
  /** Our own certificate authority, which devices are to trust; null only where none could be made. */
  authority: z
    .object({
      certificate: certificateFacts,
      /** First 16 bytes of the SHA-256 of its public key, base64url: `f=` in the QR code. */
      pin: z.string(),
      /** Where devices download it, below any of our addresses. */
      path: z.string(),
      /** DNS names, with everything below them, that it may vouch for. */
      permittedNames: z.array(z.string()),
      /** Own names that it may not vouch for; a new authority could. */
      notCovered: z.array(z.string()),
    })
    .nullable(),
  /** What our authority vouches for now; made anew when names or addresses change, and 30 days before its end. */
  leaf: certificateFacts.nullable(),
  /** The owner's own certificate, served where it covers the name that is asked for. */
  own: z
    .object({
      kind: z.enum(['files', 'pasted']),
      certFile: z.string().nullable(),
      keyFile: z.string().nullable(),
      /** Null while it cannot be served. */
      certificate: certificateFacts.nullable(),
      warnings: z.array(ownWarning),
      /** Why the files as they are now cannot be served; one accepted before is served on. */
      problem: z.string().nullable(),
    })
    .nullable(),
  /** A sentence for the owner: what is wrong with https as a whole. */
  problem: z.string().nullable(),
});
export type HttpsState = z.infer<typeof httpsState>;

const dnsName = z
  .string()
  .trim()
  .toLowerCase()
  .regex(
    /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/,
    'a name like ai.example.org, without https:// and port',
  );
export const publicNames = z.array(dnsName).max(20);
/** A domain of one's own, of at least two labels: an authority for all of `com` would be no office's. */
export const officeDomain = dnsName.nullable();

/** `PUT /api/https`: what is left out stays as it is. */
export const setHttpsRequest = z.strictObject({
  only: z.boolean().optional(),
  networkConsole: z.boolean().optional(),
  publicNames: publicNames.optional(),
  /** Another one makes a new authority, which devices must be told to trust again. */
  officeDomain: officeDomain.optional(),
});
export type SetHttpsRequest = z.infer<typeof setHttpsRequest>;

const path = z.string().min(1).max(4096);
const pem = z.string().min(1).max(200_000);

/** `PUT /api/https/certificate`: two files, which are read again whenever they change, or two texts. */
export const setCertificateRequest = z.union([
  z.strictObject({ certFile: path, keyFile: path }),
  z.strictObject({ certificate: pem, key: pem }),
]);
export type SetCertificateRequest = z.infer<typeof setCertificateRequest>;

/** What a device needs to trust us, in pages and guides; null where it trusts the certificate anyway. */
export const trustFacts = z.object({
  /** `http://192.168.1.20:11500/.well-known/inglenook-ca.pem` */
  caUrl: z.string(),
  /** SHA-256 of the authority's certificate, to be compared with what the owner's console shows. */
  fingerprint: z.string(),
});
export type TrustFacts = z.infer<typeof trustFacts>;
