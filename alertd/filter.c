#include "filter.h"
#include "lib/hash.h"

enum { KEEP_BYTES = 256 << 10 };	/* of output memory, between batches */

void
filter_init(struct filter *f, size_t max_keys)
{
	*f = (struct filter){0};
	linebuf_init(&f->in, LINE_MAX_BYTES);
	judge_init(&f->judge, max_keys);
}

void
filter_free(struct filter *f)
{
	judge_free(&f->judge);
	linebuf_free(&f->in);
	strbuf_free(&f->added);
	strbuf_free(&f->out);
	recall_free(&f->before);
	recall_free(&f->now);
}

static void
end_run(struct filter *f)
{
	strbuf_add(&f->out, f->run, (size_t)(f->end - f->run));
	f->run = f->end;
}

static void
judge(struct filter *f, const char *line, size_t len)
{
	struct record r;
	enum record_result result;

	result = judge_line(&f->judge, line, len, &r, &f->added);
	if (result == RECORD_OK || result == RECORD_EMPTY)
		return;
	f->bad++;
	f->bad_line = f->in.lines;
	f->bad_why = result;
	f->bad_record = r;
}

/* Judged by a predecessor: what it added is added. */
static bool
follow(struct filter *f, uint64_t hash)
{
	struct span added;

	if (!f->before.on || !recall_follow(&f->before, hash, &added))
		return false;
	strbuf_add(&f->added, added.p, added.len);
	return true;
}

/* What the line causes is in added. */
static void
take(struct filter *f, const char *line, size_t len)
{
	uint64_t hash;

	strbuf_reset(&f->added);
	if (!f->keeping) {
		judge(f, line, len);
		return;
	}
	hash = hash64(line, len);
	if (!follow(f, hash)) {
		if (!f->begun)
			judge_gap(&f->judge);
		judge(f, line, len);
	}
	f->begun = true;
	recall_add(&f->now, hash, f->added.s, f->added.len);
}

static const char *
batch(struct filter *f, size_t *len)
{
	if (!f->out.len) {
		*len = (size_t)(f->end - f->run);
		return f->run;
	}
	end_run(f);
	*len = f->out.len;
	return f->out.s;
}

static void
begin(struct filter *f)
{
	if (f->out.cap > KEEP_BYTES)
		strbuf_free(&f->out);
	strbuf_reset(&f->out);
	recall_begin(&f->now);
	f->run = f->end = NULL;
}

const char *
filter_lines(struct filter *f, size_t *len)
{
	char *line;
	size_t n;

	begin(f);
	while (linebuf_next(&f->in, &line, &n)) {
		if (line != f->end) {	/* the first, or one that was too long lies between */
			if (f->run)
				end_run(f);
			f->run = line;
		}
		f->end = line + n + 1;
		take(f, line, n);
		if (f->added.len) {
			end_run(f);
			strbuf_add(&f->out, f->added.s, f->added.len);
		}
	}
	return batch(f, len);
}

const char *
filter_rest(struct filter *f, size_t *len)
{
	char *line;
	size_t n;

	begin(f);
	if (linebuf_rest(&f->in, &line, &n)) {
		take(f, line, n);
		strbuf_add(&f->out, line, n);
		strbuf_addc(&f->out, '\n');
		strbuf_add(&f->out, f->added.s, f->added.len);
	}
	return batch(f, len);
}
