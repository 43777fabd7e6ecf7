#ifndef KATOCTL_TAILTLS_H
#define KATOCTL_TAILTLS_H

/* What libwebsockets' TLS client leaves open. With OpenSSL, and without connections. */

#include <stdbool.h>

#include "lib/strbuf.h"

/* Does the file hold certificates of authorities (PEM)? False: *why says what is wrong. */
bool tailtls_authorities(const char *path, struct strbuf *why);
/*
 * The X509_STORE_CTX of a verification that failed: true if the certificate is one for host all the same, an IPv6
 * address, which libwebsockets 4.1.6 cuts at its first colon. Else *why is OpenSSL's words; they live on.
 */
bool tailtls_forgive(void *store_ctx, const char *host, const char **why);

#endif
