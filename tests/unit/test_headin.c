#include <stdlib.h>
#include <string.h>

#include "broadcaster/headin.h"
#include "lib/strbuf.h"

#include "check.h"

/* 200: whole; 0: more is wanted; else the fault's status. The same, however it is cut. */
static int
status_of(const char *text, struct headin *last)
{
	size_t n = strlen(text), used;
	int status = -1;

	for (size_t step = 1; step <= n; step += n > 300 ? 97 : 1) {
		struct headin h = {0};
		struct headin_fault f = {0};
		enum headin_result r = HEADIN_MORE;
		size_t at = 0;

		while (at < n && r == HEADIN_MORE) {
			r = headin_take(&h, text + at, n - at < step ? n - at : step, &used, &f);
			at += used;
		}
		CHECK(r != HEADIN_BAD || (f.status && f.detail));
		CHECK(status == -1 || status == (r == HEADIN_WHOLE ? 200 : f.status));
		status = r == HEADIN_WHOLE ? 200 : f.status;
		*last = h;
	}
	return status;
}

static const struct { const char *text; int status; } heads[] = {
	{"GET / HTTP/1.1\r\n\r\n", 200},
	{"GET /a?b=c%20 HTTP/1.0\r\nHost: x\r\n\r\n", 200},
	{"\r\nGET / HTTP/1.1\r\n\r\n", 200},
	{"GET / HTTP/1.1\r\nA: \r\nB:\r\nC:\tx\t\r\n\r\n", 200},
	{"GET / HTTP/1.1\r\nA: gr\xc3\xb6\xc3\x9f" "e\r\n\r\n", 200},
	{"GET / HTTP/1.1\r\nHost: x\r\n", 0},
	{"GET", 0},
	{"\r\n\r\n", 400},
	{" GET / HTTP/1.1\r\n\r\n", 400},
	{"GET  / HTTP/1.1\r\n\r\n", 400},
	{"GET / HTTP/1.1 \r\n\r\n", 400},
	{"GET /\r\n\r\n", 400},
	{"GET / HTTP/1.\r\n\r\n", 400},
	{"GET / HTTP/1.11\r\n\r\n", 400},
	{"GET / http/1.1\r\n\r\n", 400},
	{"GET / HTTP/2.0\r\n\r\n", 505},
	{"G(T / HTTP/1.1\r\n\r\n", 400},
	{"GET /\x01 HTTP/1.1\r\n\r\n", 400},
	{"GET / HTTP/1.1\n\n", 400},
	{"GET / HTTP/1.1\r\rA: b\r\n\r\n", 400},
	{"GET / HTTP/1.1\r\nA: b\rc\r\n\r\n", 400},
	{"GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", 400},
	{"GET / HTTP/1.1\r\nA : b\r\n\r\n", 400},
	{"GET / HTTP/1.1\r\n: b\r\n\r\n", 400},
	{"GET / HTTP/1.1\r\nA\r\n\r\n", 400},
	{"GET / HTTP/1.1\r\nA: \x7f\r\n\r\n", 400},
};

static void
ceilings(void)
{
	struct headin h;
	struct strbuf b = {0};

	strbuf_adds(&b, "GET /");
	while (b.len < HEADIN_LINE_MAX + 10)
		strbuf_addc(&b, 'a');
	CHECK(status_of(b.s, &h) == 414);
	strbuf_reset(&b);
	strbuf_adds(&b, "GET / HTTP/1.1\r\nA: ");
	while (b.len < HEADIN_MAX - 4)
		strbuf_addc(&b, 'a');
	strbuf_adds(&b, "\r\n\r\n");
	CHECK(status_of(b.s, &h) == 200);
	strbuf_reset(&b);
	strbuf_adds(&b, "GET / HTTP/1.1\r\nA: ");
	while (b.len < HEADIN_MAX - 3)
		strbuf_addc(&b, 'a');
	strbuf_adds(&b, "\r\n\r\n");
	CHECK(status_of(b.s, &h) == 431);
	for (int more = 0; more < 2; more++) {
		strbuf_reset(&b);
		strbuf_adds(&b, "GET / HTTP/1.1\r\n");
		for (int i = 0; i < HEADIN_FIELDS_MAX + more; i++)
			strbuf_adds(&b, "A:\r\n");
		strbuf_adds(&b, "\r\n");
		CHECK(status_of(b.s, &h) == (more ? 431 : 200));
	}
	strbuf_free(&b);
}

static void
what_follows(void)
{
	static const char two[] = "GET / HTTP/1.1\r\nContent-length: 3\r\n\r\nGET / HTTP/1.1\r\n\r\n";
	struct headin h;
	struct headin_fault f;
	size_t used, more;

	CHECK(status_of("POST / HTTP/1.1\r\ntransfer-ENCODING: chunked\r\n\r\n", &h) == 200 && h.has_body && !h.has_key);
	CHECK(status_of("GET / HTTP/1.1\r\nUPGRADE: websocket\r\nsec-WebSocket-key: x\r\n\r\n", &h) == 200);
	CHECK(h.has_upgrade && h.has_key && !h.has_body);
	h = (struct headin){0};
	CHECK(headin_take(&h, two, sizeof two - 1, &used, &f) == HEADIN_WHOLE && h.has_body && used == 37);
	CHECK(headin_take(&h, two + used, sizeof two - 1 - used, &more, &f) == HEADIN_WHOLE && !h.has_body);
	CHECK(used + more == sizeof two - 1);
}

int
main(void)
{
	struct headin h;

	for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
		int status = status_of(heads[i].text, &h);

		if (status != heads[i].status)
			printf("%zu: %d\n", i, status);
		CHECK(status == heads[i].status);
	}
	ceilings();
	what_follows();
	return check_done();
}
