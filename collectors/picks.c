#include <fnmatch.h>
#include <string.h>

#include "collectors/picks.h"
#include "lib/strbuf.h"

#define USUAL_PATTERN "kato*"
#define USUAL_EXPECTED "kato"

void
picks_init(struct picks *p, const struct strlist *names, const struct strlist *labels, const struct strlist *expect,
    bool all)
{
	*p = (struct picks){.names = names, .labels = labels, .expect = expect, .all = all};
}

static bool
usual(const struct picks *p)
{
	return !p->all && !p->names->n && !p->labels->n;
}

bool
picks_is_expected(const struct picks *p, const char *name)
{
	const char *e;

	for (size_t i = 0; (e = picks_expected(p, i)); i++)
		if (!strcmp(e, name))
			return true;
	return false;
}

bool
picks_name(struct picks *p, const char *name)
{
	if (usual(p) && fnmatch(USUAL_PATTERN, name, 0) == 0) {
		p->seen = true;
		return true;
	}
	if (p->all || picks_is_expected(p, name))
		return true;
	for (size_t i = 0; i < p->names->n; i++)
		if (fnmatch(p->names->v[i], name, 0) == 0)
			return true;
	return false;
}

static bool
has_label(struct span labels, const char *wanted)
{
	const char *value = strchr(wanted, '=');
	struct strbuf key = {0};
	struct span v;

	strbuf_add(&key, wanted, value ? (size_t)(value - wanted) : strlen(wanted));
	v = json_member(labels, key.s);
	strbuf_free(&key);
	return value ? json_equals(v, value + 1) : v.p != NULL;
}

bool
picks_labels(const struct picks *p, struct span labels)
{
	for (size_t i = 0; i < p->labels->n; i++)
		if (has_label(labels, p->labels->v[i]))
			return true;
	return false;
}

const char *
picks_expected(const struct picks *p, size_t i)
{
	if (!p->expect->n)
		return usual(p) && p->seen && i == 0 ? USUAL_EXPECTED : NULL;
	if (p->expect->n == 1 && !strcmp(p->expect->v[0], "none"))
		return NULL;
	return i < p->expect->n ? p->expect->v[i] : NULL;
}

void
picks_describe(const struct picks *p, char *out, size_t size)
{
	struct strbuf b = {0};
	size_t n;

	if (p->all)
		strbuf_adds(&b, "of any name");
	else if (usual(p))
		strbuf_adds(&b, "whose name matches " USUAL_PATTERN);
	for (size_t i = 0; i < p->names->n && !p->all; i++)
		strbuf_addf(&b, "%s%s", i ? " or " : "whose name matches ", p->names->v[i]);
	for (size_t i = 0; i < p->labels->n && !p->all; i++)
		strbuf_addf(&b, "%s%s", i ? " or " : b.len ? " or with label " : "with label ", p->labels->v[i]);
	n = b.len < size ? b.len : size - 1;
	memcpy(out, b.s, n);
	out[n] = '\0';
	strbuf_free(&b);
}
