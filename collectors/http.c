#include <ctype.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "collectors/http.h"
#include "lib/log.h"
#include "lib/strbuf.h"
#include "lib/xalloc.h"

enum { MAX_EXTRA = 64, MAX_CONNECTIONS = 256, DRAIN_MS = 1000 };

struct http_transfer {
	struct http_transfer *next;
	struct http *http;
	CURL *easy;
	struct curl_slist *headers;
	struct http_get get;	/* its strings are not ours: only numbers and callbacks are used */
	struct strbuf body, etag;
	size_t received;
	char error[CURL_ERROR_SIZE];
	bool too_large;
};

struct http {
	CURLM *multi;
	struct http_transfer *first;
	size_t running;
	bool told;	/* on_bytes was called */
};

struct http *
http_new(void)
{
	struct http *h = xcalloc(1, sizeof *h);

	if (curl_global_init(CURL_GLOBAL_DEFAULT) || !(h->multi = curl_multi_init()))
		die(1, "libcurl does not start");
	curl_multi_setopt(h->multi, CURLMOPT_MAXCONNECTS, (long)MAX_CONNECTIONS);
	return h;
}

static void
transfer_free(struct http *h, struct http_transfer *t)
{
	struct http_transfer **at;

	for (at = &h->first; *at != t; at = &(*at)->next)
		;
	*at = t->next;
	h->running--;
	curl_multi_remove_handle(h->multi, t->easy);
	curl_easy_cleanup(t->easy);
	curl_slist_free_all(t->headers);
	strbuf_free(&t->body);
	strbuf_free(&t->etag);
	free(t);
}

void
http_del(struct http *h)
{
	while (h->first)
		transfer_free(h, h->first);
	curl_multi_cleanup(h->multi);
	curl_global_cleanup();
	free(h);
}

static size_t
received(char *p, size_t one, size_t n, void *arg)
{
	struct http_transfer *t = arg;

	n *= one;
	t->received += n;
	if (t->get.max_bytes && t->received > t->get.max_bytes) {
		t->too_large = true;
		return 0;	/* ends the transfer */
	}
	if (t->get.on_bytes) {
		t->http->told = true;
		t->get.on_bytes(t->get.arg, p, n);
	} else
		strbuf_add(&t->body, p, n);
	return n;
}

static struct curl_slist *
headers_of(const struct http_get *get)
{
	struct strbuf accept = {0};
	struct curl_slist *list = NULL;
	bool accepts = false;

	for (size_t i = 0; get->headers && i < get->headers->n; i++) {
		list = curl_slist_append(list, get->headers->v[i]);
		accepts = accepts || !strncasecmp(get->headers->v[i], "accept:", 7);
	}
	if (accepts)
		return list;
	strbuf_addf(&accept, "Accept: %s", get->accept ? get->accept : "application/json");
	list = curl_slist_append(list, accept.s);
	strbuf_free(&accept);
	return list;
}

struct http_transfer *
http_start(struct http *h, const struct http_get *get)
{
	struct http_transfer *t = xcalloc(1, sizeof *t);
	CURL *e = curl_easy_init();

	if (!e)
		die(1, "libcurl: no memory");
	t->easy = e;
	t->http = h;
	t->get = *get;
	t->headers = headers_of(get);
	curl_easy_setopt(e, CURLOPT_URL, get->url);
	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(e, CURLOPT_PROXY, "");
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(e, CURLOPT_QUICK_EXIT, 1L);	/* a name server that hangs holds nobody up: its thread is left behind */
	curl_easy_setopt(e, CURLOPT_USERAGENT, "kato-live/" VERSION);
	curl_easy_setopt(e, CURLOPT_HTTPHEADER, t->headers);
	curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, get->timeout_ms);
	curl_easy_setopt(e, CURLOPT_TCP_KEEPALIVE, 1L);	/* a stream may be silent for hours */
	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, t->error);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, received);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, t);
	curl_easy_setopt(e, CURLOPT_PRIVATE, t);
	curl_easy_setopt(e, CURLOPT_FRESH_CONNECT, get->fresh ? 1L : 0L);
	if (get->form)
		curl_easy_setopt(e, CURLOPT_COPYPOSTFIELDS, get->form);
	if (get->ca_file)
		curl_easy_setopt(e, CURLOPT_CAINFO, get->ca_file);
	if (get->compressed)
		curl_easy_setopt(e, CURLOPT_ACCEPT_ENCODING, "");
	if (get->unix_socket)
		curl_easy_setopt(e, CURLOPT_UNIX_SOCKET_PATH, get->unix_socket);
	t->next = h->first;
	h->first = t;
	h->running++;
	curl_multi_add_handle(h->multi, e);
	return t;
}

void
http_cancel(struct http *h, struct http_transfer *t)
{
	transfer_free(h, t);
}

size_t
http_running(const struct http *h)
{
	return h->running;
}

/* One plain line for what went wrong. */
static const char *
why(const struct http_transfer *t, CURLcode code, char *text, size_t size)
{
	long number = 0;

	switch (code) {
	case CURLE_OPERATION_TIMEDOUT:
		snprintf(text, size, "timed out after %g s", (double)t->get.timeout_ms / 1000);
		return text;
	case CURLE_WRITE_ERROR:
		snprintf(text, size, "answer over %zu bytes", t->get.max_bytes);
		return t->too_large ? text : "could not take the answer";
	case CURLE_COULDNT_CONNECT:
		curl_easy_getinfo(t->easy, CURLINFO_OS_ERRNO, &number);
		snprintf(text, size, "%s", number ? strerror((int)number) : "could not connect");
		*text = (char)tolower((unsigned char)*text);
		return text;
	case CURLE_COULDNT_RESOLVE_HOST: return "no such host";
	case CURLE_BAD_CONTENT_ENCODING: return "the answer cannot be unpacked";
	case CURLE_SSL_CACERT_BADFILE: return "the file of certificates cannot be read";
	case CURLE_GOT_NOTHING: return "connection closed without an answer";
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
	case CURLE_PARTIAL_FILE: return "connection lost in the answer";
	default: return t->error[0] ? t->error : curl_easy_strerror(code);
	}
}

/* Did the connection end under it? */
static bool
lost(CURLcode code)
{
	return code == CURLE_GOT_NOTHING || code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR || code == CURLE_PARTIAL_FILE;
}

/* The value of a header of the answer; NULL: none. */
static const char *
header(const struct http_transfer *t, const char *name)
{
	struct curl_header *h;

	return curl_easy_header(t->easy, name, 0, CURLH_HEADER, -1, &h) == CURLHE_OK ? h->value : NULL;
}

static void
done(struct http *h, struct http_transfer *t, CURLcode code)
{
	struct http_reply r = {0};
	char text[CURL_ERROR_SIZE + 64];
	long connects = 0;
	double seconds = 0;

	curl_easy_getinfo(t->easy, CURLINFO_NUM_CONNECTS, &connects);
	curl_easy_getinfo(t->easy, CURLINFO_TOTAL_TIME, &seconds);
	if (code == CURLE_OK)
		curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &r.status);
	else
		r.error = why(t, code, text, sizeof text);
	if (code == CURLE_OK) {
		/* each call may move what the other returned: they are looked up one after the other, and copied */
		const char *value = header(t, "ETag");

		strbuf_adds(&t->etag, value ? value : "");
		r.etag = value ? t->etag.s : NULL;
		r.modified = header(t, "Last-Modified");
	}
	strbuf_reserve(&t->body, 0);
	t->body.s[t->body.len] = '\0';
	r.body = t->body.s;
	r.len = t->body.len;
	r.reused = connects == 0;
	r.lost = lost(code);
	r.seconds = seconds;
	t->get.on_done(t->get.arg, &r);
	transfer_free(h, t);
}

void
http_wait(struct http *h, struct pollfd *extra, size_t n, int timeout_ms)
{
	struct curl_waitfd fds[MAX_EXTRA];
	CURLMsg *m;
	int left;

	if (n > MAX_EXTRA)
		die(1, "http_wait: over %d descriptors", MAX_EXTRA);
	h->told = false;
	curl_multi_perform(h->multi, &left);
	if ((size_t)left < h->running || h->told)
		timeout_ms = 0;	/* one has ended or said something already: the caller is to know at once */
	for (size_t i = 0; i < n; i++)
		fds[i] = (struct curl_waitfd){.fd = extra[i].fd, .events = extra[i].events};
	curl_multi_poll(h->multi, fds, (unsigned)n, timeout_ms < 0 ? 3600000 : timeout_ms, NULL);
	for (size_t i = 0; i < n; i++)
		extra[i].revents = fds[i].revents;
	curl_multi_perform(h->multi, &left);
	while ((m = curl_multi_info_read(h->multi, &left)))
		if (m->msg == CURLMSG_DONE) {
			struct http_transfer *t;
			CURLcode code = m->data.result;

			curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &t);
			done(h, t, code);
		}
}
