#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "katoctl/rows.h"
#include "lib/utf8.h"
#include "lib/xalloc.h"

enum { CELL = 64, MAX_COLUMNS = 16 };

static const struct {
	const char *state, *colour;
} colours[] = {
	{"running", "\033[32m"}, {"listening", "\033[32m"}, {"starting", "\033[33m"}, {"backing-off", "\033[33m"},
	{"parked", "\033[1;31m"},
};

/*
 * Columns a terminal gives to it: 1, or 2 for East Asian and pictures; 0: not shown as it is (controls, what has no
 * width of its own, what turns the direction). A short table: blocks, not letters.
 */
static int
columns_of(unsigned c)
{
	static const struct {
		unsigned first, last;
		int width;
	} blocks[] = {
		{0, 0x1f, 0}, {0x7f, 0x9f, 0}, {0xad, 0xad, 0}, {0x300, 0x36f, 0}, {0x483, 0x489, 0}, {0x591, 0x8ff, 0},
		{0x1100, 0x115f, 2}, {0x1ab0, 0x1aff, 0}, {0x1dc0, 0x1dff, 0}, {0x200b, 0x200f, 0}, {0x2028, 0x202e, 0},
		{0x2060, 0x206f, 0}, {0x20d0, 0x20ff, 0}, {0x2e80, 0xa4cf, 2}, {0xac00, 0xd7a3, 2}, {0xd800, 0xf8ff, 0},
		{0xf900, 0xfaff, 2}, {0xfb1d, 0xfdff, 0}, {0xfe00, 0xfe0f, 0}, {0xfe20, 0xfe2f, 0}, {0xfe30, 0xfe6f, 2},
		{0xfe70, 0xfeff, 0}, {0xff00, 0xff60, 2}, {0xffe0, 0xffe6, 2}, {0xfff0, 0xfffc, 0}, {0x1f300, 0x1faff, 2},
		{0x20000, 0x3fffd, 2}, {0xe0000, 0x10ffff, 0},
	};

	for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++)
		if (c >= blocks[i].first && c <= blocks[i].last)
			return blocks[i].width;
	return 1;
}

static unsigned
code_point(const char *p, size_t len)
{
	static const unsigned char first[] = {0, 0x7f, 0x1f, 0xf, 7};
	unsigned c = (unsigned char)*p & first[len];

	for (size_t i = 1; i < len; i++)
		c = c << 6 | ((unsigned char)p[i] & 0x3f);
	return c;
}

void
rows_text(struct strbuf *out, const char *p, size_t n, int width)
{
	const char *end = p + n;
	size_t cut = out->len;	/* where the mark goes if not all fits */
	int used = 0;

	while (p < end) {
		size_t len = utf8_len(p, (size_t)(end - p));
		int w = len ? columns_of(code_point(p, len)) : 0;

		if (width && used + (w ? w : 1) > width) {
			out->len = cut;
			strbuf_adds(out, "…");
			return;
		}
		if (w)
			strbuf_add(out, p, len);
		else
			strbuf_addc(out, '?');
		p += len ? len : 1;
		used += w ? w : 1;
		if (!width || used < width)
			cut = out->len;
	}
}

static void
uptime(double s, char *out, size_t size)
{
	long long t = (long long)s;

	if (t < 60)
		snprintf(out, size, "%llds", t);
	else if (t < 3600)
		snprintf(out, size, "%lldm %llds", t / 60, t % 60);
	else if (t < 86400)
		snprintf(out, size, "%lldh %lldm", t / 3600, t / 60 % 60);
	else
		snprintf(out, size, "%lldd %lldh", t / 86400, t / 3600 % 24);
}

/* 0.33, 12.5, 950, 12.3K, 4.1M */
static void
rate(double x, char *out, size_t size)
{
	static const char units[] = "KMGT";
	int u = -1;

	for (; x >= 999.5 && u < 3; u++)
		x /= 1000;
	if (u >= 0)
		snprintf(out, size, x < 99.95 ? "%.1f%c" : "%.0f%c", x, units[u]);
	else
		snprintf(out, size, x < 0.005 ? "0" : x < 9.995 ? "%.2f" : x < 99.95 ? "%.1f" : "%.0f", x);
}

static void
seconds(double x, char *out, size_t size)
{
	if (x < 60 && x > -60)
		snprintf(out, size, "%.2fs", x);
	else
		uptime(x, out, size);
}

static void
number(const char *member, double x, struct span text, char *out, size_t size)
{
	size_t len = strlen(member);

	if (!strcmp(member, "uptime_seconds"))
		uptime(x, out, size);
	else if (!strcmp(member, "lag_seconds"))
		seconds(x, out, size);
	else if (len > 11 && !strcmp(member + len - 11, "_per_second"))
		rate(x, out, size);
	else
		snprintf(out, size, "%.*s", (int)text.len, text.p);
}

static const struct rows_moved *
moved(const struct rows_since *since, struct span stage)
{
	struct span name = json_member(stage, "name");

	for (size_t i = 0; since && since->known && i < since->n; i++)
		if (json_equals(name, since->v[i].name))
			return &since->v[i];
	return NULL;
}

static void
cell(const struct rows_column *c, struct span stage, const struct rows_since *since, char *out)
{
	const struct rows_moved *m = moved(since, stage);
	struct span v = json_member(stage, c->member);
	struct strbuf text = {0}, safe = {0};
	double x;

	if (m && !strcmp(c->member, "lines_per_second")) {
		rate(m->lines_rate, out, CELL);
	} else if (m && !strcmp(c->member, "bytes_per_second")) {
		rate(m->bytes_rate, out, CELL);
	} else if (json_string(v, &text)) {
		rows_text(&safe, text.s, text.len, CELL / 4);
		snprintf(out, CELL, "%s", safe.len ? safe.s : "");
	} else if (json_number(v, &x)) {
		number(c->member, x, v, out, CELL);
	} else {
		snprintf(out, CELL, "-");
	}
	strbuf_free(&text);
	strbuf_free(&safe);
}

static const char *
colour_of(const char *state)
{
	for (size_t i = 0; i < sizeof colours / sizeof colours[0]; i++)
		if (!strcmp(colours[i].state, state))
			return colours[i].colour;
	return NULL;
}

/* Appends text as far as it fits into *left columns; *left < 0: any. */
static void
add_cut(struct strbuf *out, const char *text, int *left)
{
	int n = (int)strlen(text);

	if (*left >= 0 && n > *left)
		n = *left;
	strbuf_add(out, text, (size_t)n);
	if (*left >= 0)
		*left -= n;
}

static void
add_row(const struct rows_look *look, char (*row)[CELL], const int *width, bool heading, struct strbuf *out)
{
	int left = look->width ? look->width : -1;

	for (size_t c = 0; c < look->n; c++) {
		const char *on = look->colour && !heading && !strcmp(look->columns[c].member, "state") ? colour_of(row[c]) : NULL;
		char text[2 * CELL];

		add_cut(out, c ? "  " : "", &left);
		snprintf(text, sizeof text, "%*s", look->columns[c].align * width[c], row[c]);
		strbuf_adds(out, on ? on : "");
		add_cut(out, text, &left);
		strbuf_adds(out, on ? "\033[0m" : "");
	}
	while (out->len && out->s[out->len - 1] == ' ')
		out->s[--out->len] = '\0';
	strbuf_addc(out, '\n');
}

void
rows_table_since(struct span stages, const struct rows_look *look, const struct rows_since *since, struct strbuf *out)
{
	struct json_iter it = json_iter(stages);
	char row[MAX_COLUMNS][CELL];
	int width[MAX_COLUMNS];
	struct span stage;

	for (size_t c = 0; c < look->n; c++)
		width[c] = (int)strlen(look->columns[c].head);
	while (json_next_element(&it, &stage))
		for (size_t c = 0; c < look->n; c++) {
			cell(&look->columns[c], stage, since, row[c]);
			if ((int)strlen(row[c]) > width[c])
				width[c] = (int)strlen(row[c]);
		}
	for (size_t c = 0; c < look->n; c++)
		snprintf(row[c], CELL, "%s", look->columns[c].head);
	add_row(look, row, width, true, out);
	for (it = json_iter(stages); json_next_element(&it, &stage);) {
		for (size_t c = 0; c < look->n; c++)
			cell(&look->columns[c], stage, since, row[c]);
		add_row(look, row, width, false, out);
	}
}

void
rows_table(struct span stages, const struct rows_look *look, struct strbuf *out)
{
	rows_table_since(stages, look, NULL, out);
}

void
rows_last_words(struct span stages, int width, struct strbuf *out)
{
	struct json_iter it = json_iter(stages);
	struct strbuf text = {0}, name = {0};
	struct span stage;

	while (json_next_element(&it, &stage)) {
		strbuf_reset(&text);
		strbuf_reset(&name);
		if (!json_string(json_member(stage, "name"), &name))
			continue;
		strbuf_addf(&name, ": ");
		if (!json_string(json_member(stage, "last_stderr"), &text))
			continue;
		if (text.len < name.len || memcmp(text.s, name.s, name.len) != 0)
			strbuf_add(&name, text.s, text.len);
		else
			strbuf_add(&name, text.s + name.len, text.len - name.len);
		rows_text(out, name.s, name.len, width);
		strbuf_addc(out, '\n');
	}
	strbuf_free(&text);
	strbuf_free(&name);
}

void
rows_summary(struct span stages, struct strbuf *out)
{
	static const char *const states[] = {"running", "listening", "starting", "backing-off", "parked", "stopping", "ended"};
	enum { N = sizeof states / sizeof states[0] };
	struct json_iter it = json_iter(stages);
	int count[N] = {0}, all = 0;
	const char *between = ": ";
	struct span stage;

	for (; json_next_element(&it, &stage); all++)
		for (int i = 0; i < N; i++)
			count[i] += json_equals(json_member(stage, "state"), states[i]);
	strbuf_addf(out, "%d stage%s", all, all == 1 ? "" : "s");
	for (int i = 0; i < N; i++)
		if (count[i]) {
			strbuf_addf(out, "%s%d %s", between, count[i], states[i]);
			between = ", ";
		}
}

void
rows_since_free(struct rows_since *s)
{
	free(s->v);
	*s = (struct rows_since){0};
}

void
rows_since_take(struct rows_since *s, struct span stages, double seconds_past)
{
	struct rows_since fresh = {.known = s->n && seconds_past > 0};
	struct json_iter it = json_iter(stages);
	struct span stage;

	while (json_next_element(&it, &stage)) {
		struct rows_moved m = {.name = ""}, *was = NULL;
		struct strbuf name = {0};

		if (json_string(json_member(stage, "name"), &name))
			snprintf(m.name, sizeof m.name, "%s", name.s);
		strbuf_free(&name);
		json_number(json_member(stage, "lines"), &m.lines);
		json_number(json_member(stage, "bytes"), &m.bytes);
		for (size_t i = 0; i < s->n; i++)
			if (!strcmp(s->v[i].name, m.name))
				was = &s->v[i];
		if (was && fresh.known && m.lines >= was->lines && m.bytes >= was->bytes) {
			m.lines_rate = (m.lines - was->lines) / seconds_past;
			m.bytes_rate = (m.bytes - was->bytes) / seconds_past;
		}
		fresh.v = xreallocarray(fresh.v, fresh.n + 1, sizeof *fresh.v);
		fresh.v[fresh.n++] = m;
	}
	rows_since_free(s);
	*s = fresh;
}
