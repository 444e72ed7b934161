import { readFileSync } from "node:fs";
import { join } from "node:path";
import tls from "node:tls";

const FOLDER = join(import.meta.dirname, "tls");
const read = (file: string) => readFileSync(join(FOLDER, file), "utf8");

/** Who signed them, and one that is no longer good. */
export const ERP_AUTHORITY_FILE = join(FOLDER, "erp-authority.crt");
export const EXPIRED_FILE = join(FOLDER, "erp-expired.crt");

/** How an ERP may stand there under TLS; `make-erp.sh` beside the certificates made them. */
export function erpTls(certificate: "good" | "expired" | "other-host" | "self-signed"): tls.TlsOptions {
  return { key: read("erp.key"), cert: read(`erp-${certificate}.crt`) };
}

/** As software from before 2008. */
export const TLS_1_0: tls.TlsOptions = { minVersion: "TLSv1", maxVersion: "TLSv1", ciphers: "DEFAULT@SECLEVEL=0" };

/** From now on, until disposed of, this process trusts who signed the tests' certificates. */
export function trustErpAuthority(): Disposable {
  const usual = tls.getCACertificates("default");
  tls.setDefaultCACertificates([...usual, read("erp-authority.crt")]);
  return { [Symbol.dispose]: () => tls.setDefaultCACertificates(usual) };
}
