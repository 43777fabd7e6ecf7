#ifndef BROADCASTER_CERTS_H
#define BROADCASTER_CERTS_H

/* A certificate and its key, out of PEM files (RFC 7468). OpenSSL and files; no connections, no libwebsockets. */

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/strbuf.h"

struct certs {
	SSL_CTX *ctx;		/* holds certificate, chain and key, and nothing else */
	int64_t not_before, not_after;	/* of the certificate, seconds since 1970 */
	bool key_is_open;	/* others than its owner and group may read the key's file */
};

/*
 * cert: the server's certificate and behind it those that lead to its root; key: its private key, not encrypted.
 * Both may be one file. False: *err names the file and what is wrong with it, nothing is to be freed.
 */
bool certs_load(const char *cert, const char *key, struct certs *out, struct strbuf *err);
void certs_free(struct certs *);

#endif
