#include <stdlib.h>
#include <string.h>

#include "katoctl/plan.h"
#include "lib/near.h"
#include "lib/xalloc.h"

static const char *const kinds[] = {
	[PLAN_COLLECT] = "collect", [PLAN_FILTER] = "filter", [PLAN_MAP] = "map", [PLAN_SINK] = "sink", [PLAN_FEED] = "feed",
	[PLAN_DEMO] = "demo",
};
enum { NKINDS = sizeof kinds / sizeof kinds[0], WORD_SHOWN = 60 };

/* The words of one line, taken apart. */
struct words {
	char **v;
	size_t n;
};

struct parser {
	const char *file;
	int line;
	int errors;
	struct strbuf *errs;
	struct plan plan;
};

const char *
plan_word(enum plan_kind kind)
{
	return kinds[kind];
}

/* One more mistake. Bytes that could confuse a terminal are shown as '?'. */
static void
wrong(struct parser *p, const char *word, const char *what)
{
	size_t len = strlen(word);

	if (p->errors++ >= PLAN_MAX_ERRORS)
		return;
	strbuf_addf(p->errs, "%s:%d: ", p->file, p->line);
	for (size_t i = 0; i < len && i < WORD_SHOWN; i++)
		strbuf_addc(p->errs, (unsigned char)word[i] < 0x20 || word[i] == 0x7f ? '?' : word[i]);
	strbuf_adds(p->errs, !len ? "" : len > WORD_SHOWN ? "…: " : ": ");
	strbuf_adds(p->errs, what);
	strbuf_addc(p->errs, '\n');
}

static void
words_free(struct words *w)
{
	for (size_t i = 0; i < w->n; i++)
		free(w->v[i]);
	free(w->v);
	*w = (struct words){0};
}

static void
words_add(struct words *w, const struct strbuf *b)
{
	w->v = xreallocarray(w->v, w->n + 2, sizeof *w->v);
	w->v[w->n++] = xmemdup0(b->s ? b->s : "", b->len);
	w->v[w->n] = NULL;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

/* What stands in quotes, the opening one at s. Behind the closing one; NULL: there is none. */
static const char *
quoted(const char *s, const char *end, struct strbuf *out)
{
	char q = *s++;

	for (; s < end && *s != q; s++) {
		if (q == '"' && *s == '\\' && s + 1 < end && strchr("\"\\$`", s[1]))
			s++;
		strbuf_addc(out, *s);
	}
	return s < end ? s + 1 : NULL;
}

/* One word from s. Behind it; NULL: *why says what is wrong. */
static const char *
word(const char *s, const char *end, struct strbuf *out, const char **why)
{
	while (s < end && !is_blank(*s)) {
		if (*s == '\'' || *s == '"') {
			s = quoted(s, end, out);
			if (!s) {
				*why = "a quote is not closed";
				return NULL;
			}
		} else if (*s == '\\') {
			if (s + 1 == end) {
				*why = "a backslash ends the line; a stage is one line";
				return NULL;
			}
			strbuf_addc(out, s[1]);
			s += 2;
		} else if (strchr("|&;<>", *s)) {
			strbuf_addc(out, *s);
			*why = "no shell reads this line; quote it, or say sh -c '…'";
			return NULL;
		} else {
			strbuf_addc(out, *s++);
		}
	}
	return s;
}

/* False: said. */
static bool
split(struct parser *p, const char *s, const char *end, struct words *out)
{
	struct strbuf b = {0};
	const char *why = NULL;

	for (;;) {
		while (s < end && is_blank(*s))
			s++;
		if (s == end || *s == '#')
			break;
		strbuf_reset(&b);
		if (out->n == PLAN_MAX_WORDS) {
			why = "too many words in this line";
			break;
		}
		s = word(s, end, &b, &why);
		if (!s)
			break;
		words_add(out, &b);
	}
	if (why)
		wrong(p, b.s ? b.s : "", why);
	strbuf_free(&b);
	return !why;
}

static bool
good_name(struct parser *p, const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

	if (!n || name[n] || n > PLAN_NAME_MAX || *name == '-') {
		wrong(p, name, "a stage's name is 1 to 32 letters, digits, dots, dashes or underscores");
		return false;
	}
	if (!strcmp(name, plan_word(PLAN_FEED))) {
		wrong(p, name, "this name is the feed socket's; call the stage something else");
		return false;
	}
	for (size_t i = 0; i < p->plan.n; i++)
		if (!strcmp(p->plan.v[i].name, name)) {
			struct strbuf why = {0};

			strbuf_addf(&why, "a stage of this name is in line %d already", p->plan.v[i].line);
			wrong(p, name, why.s);
			strbuf_free(&why);
			return false;
		}
	return true;
}

static bool
good_feed(struct parser *p, const struct words *w)
{
	for (size_t i = 0; i < p->plan.n; i++)
		if (p->plan.v[i].kind == PLAN_FEED) {
			wrong(p, "feed", "one feed socket is enough; any number of writers may connect to it");
			return false;
		}
	if (w->n < 2)
		wrong(p, "feed", "the socket's path is missing");
	else if (w->n > 2)
		wrong(p, w->v[2], "feed takes one word, the socket's path");
	else if (*w->v[1] != '/')
		wrong(p, w->v[1], "the socket's path must begin with /");
	else if (strlen(w->v[1]) > PLAN_PATH_MAX)
		wrong(p, w->v[1], "the socket's path is longer than 107 bytes");
	else
		return true;
	return false;
}

static bool
good_stage(struct parser *p, const struct words *w)
{
	if (w->n < 2) {
		wrong(p, w->v[0], "the stage's name is missing");
		return false;
	}
	if (!good_name(p, w->v[1]))
		return false;
	if (w->n < 3 || !*w->v[2]) {
		wrong(p, w->v[1], "the command is missing");
		return false;
	}
	return true;
}

static void
unknown(struct parser *p, const char *keyword)
{
	const char *near = near_word(keyword, kinds, NKINDS);
	struct strbuf why = {0};

	strbuf_adds(&why, "a line begins with collect, filter, map, sink, feed or demo");
	if (near)
		strbuf_addf(&why, "; did you mean %s?", near);
	wrong(p, keyword, why.s);
	strbuf_free(&why);
}

/* Takes the words over where the line is good. */
static void
add_demo(struct parser *p, struct words *w)
{
	if (p->plan.demo) {
		wrong(p, "demo", "one such line is enough; it may name several recordings");
		return;
	}
	if (w->n < 2) {
		wrong(p, "demo", "the recording is missing");
		return;
	}
	if (w->n - 1 > PLAN_MAX_DEMOS) {
		wrong(p, w->v[PLAN_MAX_DEMOS + 1], "more than 8 recordings");
		return;
	}
	free(w->v[0]);
	memmove(w->v, w->v + 1, w->n * sizeof *w->v);
	p->plan.demo = w->v;
	p->plan.demo_at = p->plan.n;
	*w = (struct words){0};
}

/* Takes the words over where the line is good. */
static void
add_stage(struct parser *p, struct words *w)
{
	struct plan *plan = &p->plan;
	struct plan_stage s = {.line = p->line};
	size_t skip;
	int kind = 0;

	while (kind < NKINDS && strcmp(kinds[kind], w->v[0]) != 0)
		kind++;
	if (kind == NKINDS) {
		unknown(p, w->v[0]);
		return;
	}
	if (kind == PLAN_DEMO) {
		add_demo(p, w);
		return;
	}
	if (plan->n == PLAN_MAX_STAGES) {
		wrong(p, w->v[0], "more than 64 stages");
		return;
	}
	s.kind = (enum plan_kind)kind;
	if (s.kind == PLAN_FEED ? !good_feed(p, w) : !good_stage(p, w))
		return;
	skip = s.kind == PLAN_FEED ? 1 : 2;	/* a feed's keyword is its name */
	s.name = w->v[skip - 1];
	for (size_t i = 0; i + 1 < skip; i++)
		free(w->v[i]);
	memmove(w->v, w->v + skip, (w->n - skip + 1) * sizeof *w->v);
	s.argv = w->v;
	*w = (struct words){0};
	plan->v = xreallocarray(plan->v, plan->n + 1, sizeof *plan->v);
	plan->v[plan->n++] = s;
}

static void
take_line(struct parser *p, const char *s, const char *end)
{
	struct words w = {0};

	if (memchr(s, '\0', (size_t)(end - s)))
		wrong(p, "", "the line holds a NUL byte; this is not a text file");
	else if (split(p, s, end, &w) && w.n)
		add_stage(p, &w);
	words_free(&w);
}

/* What only the whole file can lack. */
static void
check_whole(struct parser *p)
{
	size_t sources = 0, sinks = 0;

	for (size_t i = 0; i < p->plan.n; i++) {
		enum plan_kind kind = p->plan.v[i].kind;

		sources += kind == PLAN_COLLECT || kind == PLAN_FEED;
		sinks += kind == PLAN_SINK;
	}
	if (p->errors)
		return;
	if (!sources)
		wrong(p, "", "nothing writes lines; add a collect or a feed line");
	if (!sinks)
		wrong(p, "", "nothing takes the lines; add a sink line");
}

bool
plan_parse(const char *text, size_t len, const char *file, struct plan *out, struct strbuf *errs)
{
	struct parser p = {.file = file, .errs = errs};
	const char *end = text + len;

	for (const char *s = text, *nl; s < end; s = nl + 1) {
		nl = memchr(s, '\n', (size_t)(end - s));
		p.line++;
		take_line(&p, s, nl ? nl : end);
		if (!nl)
			break;
	}
	check_whole(&p);
	if (p.errors > PLAN_MAX_ERRORS)
		strbuf_addf(errs, "%s: %d more\n", file, p.errors - PLAN_MAX_ERRORS);
	if (p.errors) {
		plan_free(&p.plan);
		return false;
	}
	*out = p.plan;
	return true;
}

static void
vector_free(char **v)
{
	struct words w = {.v = v};

	while (v && v[w.n])
		w.n++;
	words_free(&w);
}

void
plan_free(struct plan *p)
{
	for (size_t i = 0; i < p->n; i++) {
		vector_free(p->v[i].argv);
		free(p->v[i].name);
	}
	vector_free(p->demo);
	free(p->v);
	*p = (struct plan){0};
}
