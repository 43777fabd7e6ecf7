#include <stdio.h>
#include <string.h>

#include "broadcaster/refusal.h"
#include "lib/json.h"

static const char problem[] = "{\"type\":\"about:blank\",\"title\":\"$title\",\"status\":$status,\"detail\":$detail}";

static const char *
template_of(const struct dialect *d, int status)
{
	if (!d || !d->refusal)
		return NULL;
	return status == 401 && d->unauthorized ? d->unauthorized : d->refusal;
}

/* detail is a JSON string. */
static void
fill(const char *template, int status, const char *detail, struct strbuf *out)
{
	char number[16];

	snprintf(number, sizeof number, "%d", status);
	dialect_fill(template, (struct dialect_var[]){
	    {"status", number}, {"title", reply_reason(status)}, {"detail", detail}, {NULL, NULL}}, out);
}

const char *
refusal_body(const struct dialect *d, int status, const char *detail, size_t len, struct strbuf *out)
{
	const char *template = template_of(d, status);
	struct strbuf text = {0};

	strbuf_addjson(&text, detail, len);
	fill(template ? template : problem, status, text.s, out);
	strbuf_free(&text);
	return template ? REPLY_JSON : REPLY_PROBLEM;
}

void
refusal_reshape(const struct dialect *d, struct reply *r)
{
	const char *template = template_of(d, r->status);
	struct strbuf text = {0}, body = {0};
	struct span detail;

	if (!template || !r->body || strcmp(r->type, REPLY_PROBLEM) != 0)
		return;
	detail = json_member((struct span){r->body->data, r->body->len}, "detail");
	strbuf_add(&text, detail.p, detail.len);
	fill(template, r->status, text.s, &body);
	strbuf_addc(&body, '\n');
	reply_json(r, &body);
	strbuf_free(&text);
	strbuf_free(&body);
}
