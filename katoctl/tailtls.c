#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#include "katoctl/tailtls.h"

bool
tailtls_authorities(const char *path, struct strbuf *why)
{
	FILE *f = fopen(path, "re");
	X509_STORE *store;
	bool good;

	if (!f) {
		strbuf_adds(why, strerror(errno));
		return false;
	}
	fclose(f);
	store = X509_STORE_new();
	good = store && X509_STORE_load_file(store, path) == 1;
	if (!good)
		strbuf_adds(why, "holds no certificate (PEM)");
	X509_STORE_free(store);
	ERR_clear_error();
	return good;
}

bool
tailtls_forgive(void *store_ctx, const char *host, const char **why)
{
	X509 *shown = X509_STORE_CTX_get_current_cert(store_ctx);
	int error = X509_STORE_CTX_get_error(store_ctx);

	if (error == X509_V_ERR_HOSTNAME_MISMATCH && strchr(host, ':') && shown && X509_check_ip_asc(shown, host, 0) == 1) {
		X509_STORE_CTX_set_error(store_ctx, X509_V_OK);
		return true;
	}
	*why = X509_verify_cert_error_string(error);
	return false;
}
