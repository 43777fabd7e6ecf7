#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broadcaster/reply.h"
#include "lib/xalloc.h"

static size_t bytes_of_all;

struct body *
body_new(const char *data, size_t len)
{
	struct body *b = xmalloc(sizeof *b + len + 1);

	b->refs = 1;
	b->len = len;
	if (len)
		memcpy(b->data, data, len);
	b->data[len] = '\0';
	bytes_of_all += len;
	return b;
}

struct body *
body_ref(struct body *b)
{
	b->refs++;
	return b;
}

void
body_unref(struct body *b)
{
	if (!b || --b->refs)
		return;
	bytes_of_all -= b->len;
	free(b);
}

size_t
body_bytes(void)
{
	return bytes_of_all;
}

void
reply_free(struct reply *r)
{
	body_unref(r->body);
	strbuf_free(&r->headers);
	*r = (struct reply){0};
}

void
reply_text(struct reply *r, const char *type, const char *data, size_t len)
{
	body_unref(r->body);
	r->body = body_new(data, len);
	r->type = type;
	if (!r->status)
		r->status = 200;
}

void
reply_json(struct reply *r, const struct strbuf *json)
{
	reply_text(r, REPLY_JSON, json->s, json->len);
}

void
reply_header(struct reply *r, const char *name, const char *value)
{
	strbuf_addf(&r->headers, "%s: %s\r\n", name, value);
}

void
reply_problem(struct reply *r, int status, const char *fmt, ...)
{
	struct strbuf b = {0};
	char detail[512];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(detail, sizeof detail, fmt, ap);
	va_end(ap);
	if (n < 0)
		n = 0;
	strbuf_addf(&b, "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d,\"detail\":", reply_reason(status), status);
	strbuf_addjson(&b, detail, n < (int)sizeof detail ? (size_t)n : sizeof detail - 1);
	strbuf_adds(&b, "}\n");
	r->status = status;
	r->modified_ms = 0;
	reply_text(r, REPLY_PROBLEM, b.s, b.len);
	strbuf_free(&b);
}

const char *
reply_reason(int status)
{
	static const struct { int status; const char *reason; } reasons[] = {
		{200, "OK"}, {204, "No Content"}, {304, "Not Modified"}, {400, "Bad Request"}, {401, "Unauthorized"},
		{403, "Forbidden"}, {404, "Not Found"}, {405, "Method Not Allowed"}, {408, "Request Timeout"},
		{413, "Content Too Large"}, {414, "URI Too Long"}, {421, "Misdirected Request"}, {426, "Upgrade Required"}, {429, "Too Many Requests"},
		{431, "Request Header Fields Too Large"}, {500, "Internal Server Error"}, {503, "Service Unavailable"},
		{505, "HTTP Version Not Supported"},
	};

	for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "Unknown";
}
