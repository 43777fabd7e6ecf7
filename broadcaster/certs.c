#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "broadcaster/certs.h"
#include "lib/fdio.h"

enum { FILE_BYTES_MAX = 1 << 20, CHAIN_MAX = 16 };

/* OpenSSL's first word on what went wrong, or ours where it has none. */
static const char *
reason(const char *otherwise)
{
	const char *words = ERR_reason_error_string(ERR_peek_error());

	return words ? words : otherwise;
}

static bool
nothing_left(void)
{
	return ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
}

/* A file in memory, which is wiped with it; NULL: said in err. */
static BIO *
read_file(const char *path, struct strbuf *err)
{
	struct strbuf text = {0};
	struct stat st;
	BIO *b = NULL;

	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		strbuf_addf(err, "%s: not a file", path);
		return NULL;
	}
	if (fd_slurp(path, FILE_BYTES_MAX, &text) < 0)
		strbuf_addf(err, "%s: %s", path, strerror(errno));
	else if ((b = BIO_new(BIO_s_secmem())))
		BIO_write(b, text.s, (int)text.len);
	else
		strbuf_addf(err, "%s: out of memory", path);
	if (text.s)
		OPENSSL_cleanse(text.s, text.len);
	strbuf_free(&text);
	return b;
}

static int64_t
seconds(const ASN1_TIME *t)
{
	struct tm tm;

	return ASN1_TIME_to_tm(t, &tm) ? (int64_t)timegm(&tm) : 0;
}

/* The first is the server's own, the others its chain. */
static bool
take_certificates(BIO *b, const char *path, struct certs *out, struct strbuf *err)
{
	int n = 0;
	X509 *x;

	while (n < CHAIN_MAX && (x = PEM_read_bio_X509(b, NULL, NULL, NULL))) {
		bool good = n ? SSL_CTX_add1_chain_cert(out->ctx, x) == 1 : SSL_CTX_use_certificate(out->ctx, x) == 1;

		if (!n++) {
			out->not_before = seconds(X509_get0_notBefore(x));
			out->not_after = seconds(X509_get0_notAfter(x));
		}
		X509_free(x);
		if (!good) {
			strbuf_addf(err, "%s: certificate %d cannot be used: %s", path, n, reason("OpenSSL does not take it"));
			return false;
		}
	}
	if (n && nothing_left())
		return true;
	if (n == CHAIN_MAX)
		strbuf_addf(err, "%s: more than %d certificates", path, CHAIN_MAX - 1);
	else if (nothing_left())
		strbuf_addf(err, "%s: holds no certificate (PEM)", path);
	else
		strbuf_addf(err, "%s: certificate %d is broken: %s", path, n + 1, reason("not PEM"));
	return false;
}

/* Nobody is there to be asked for one; and nobody at the terminal should be. */
static int
no_password(char *buf, int size, int writing, void *asked)
{
	(void)buf;
	(void)size;
	(void)writing;
	*(bool *)asked = true;
	return -1;
}

/* What is left of it to be read. */
static bool
holds(BIO *b, const char *text)
{
	char *at;
	long n = BIO_get_mem_data(b, &at);

	return n > 0 && memmem(at, (size_t)n, text, strlen(text));
}

static bool
take_key(BIO *b, const char *path, const char *cert, struct certs *out, struct strbuf *err)
{
	bool asked = false, says_key = holds(b, "PRIVATE KEY-----"), good;
	EVP_PKEY *key = PEM_read_bio_PrivateKey(b, NULL, no_password, &asked);

	if (!key) {
		if (asked)
			strbuf_addf(err, "%s: the key is encrypted, and nobody can be asked for its password", path);
		else if (!says_key)
			strbuf_addf(err, "%s: holds no private key (PEM)", path);
		else
			strbuf_addf(err, "%s: the private key is broken: %s", path, reason("not PEM"));
		return false;
	}
	good = X509_check_private_key(SSL_CTX_get0_certificate(out->ctx), key) == 1;
	if (!good)
		strbuf_addf(err, "%s: is not the key of the certificate in %s", path, cert);
	else if (!(good = SSL_CTX_use_PrivateKey(out->ctx, key) == 1))
		strbuf_addf(err, "%s: the key cannot be used: %s", path, reason("OpenSSL does not take it"));
	EVP_PKEY_free(key);
	return good;
}

static bool
take(const char *path, const char *cert, struct certs *out, struct strbuf *err)
{
	BIO *b = read_file(path, err);
	bool good;

	if (!b)
		return false;
	ERR_clear_error();
	good = cert ? take_key(b, path, cert, out, err) : take_certificates(b, path, out, err);
	ERR_clear_error();
	BIO_free(b);
	return good;
}

bool
certs_load(const char *cert, const char *key, struct certs *out, struct strbuf *err)
{
	struct stat st;

	*out = (struct certs){.ctx = SSL_CTX_new(TLS_server_method())};
	if (!out->ctx) {
		strbuf_addf(err, "OpenSSL does not start: %s", reason("out of memory"));
		return false;
	}
	if (take(cert, NULL, out, err) && take(key, cert, out, err)) {
		out->key_is_open = stat(key, &st) == 0 && st.st_mode & S_IROTH;
		return true;
	}
	certs_free(out);
	return false;
}

void
certs_free(struct certs *c)
{
	SSL_CTX_free(c->ctx);
	*c = (struct certs){0};
}
