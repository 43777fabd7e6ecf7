#include <string.h>

#include "collectors/revalidate.h"
#include "lib/xalloc.h"

void
revalidate_free(struct revalidate *v)
{
	strbuf_free(&v->etag);
	strbuf_free(&v->modified);
}

static void
take(struct strbuf *mark, const char *value)
{
	strbuf_reset(mark);
	if (value && strlen(value) <= REVALIDATE_MAX)
		strbuf_adds(mark, value);
}

void
revalidate_take(struct revalidate *v, const struct http_reply *r)
{
	take(&v->etag, r->etag);
	take(&v->modified, r->modified);
}

static void
add(struct strlist *list, const char *name, const struct strbuf *value)
{
	struct strbuf line = {0};

	if (!value->len)
		return;
	strbuf_addf(&line, "%s: %s", name, value->s);
	list->v = xreallocarray(list->v, list->n + 1, sizeof *list->v);
	list->v[list->n++] = line.s;
}

void
revalidate_ask(const struct revalidate *v, struct strlist *headers)
{
	add(headers, "If-None-Match", &v->etag);
	add(headers, "If-Modified-Since", &v->modified);
}
