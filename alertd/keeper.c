#include "keeper.h"
#include "lib/stamp.h"
#include "memory.h"

static void
forget(struct filter *f)
{
	struct rules rules = f->judge.rules;
	double cooldown_s = f->judge.cooldown_s;
	size_t max = f->judge.table.max;

	f->judge.rules = (struct rules){0};
	judge_free(&f->judge);
	judge_init(&f->judge, max);
	judge_set_rules(&f->judge, &rules, cooldown_s);
	recall_free(&f->before);
}

void
keeper_open(struct keeper *k, const char *file, struct filter *f)
{
	struct strbuf text = {0}, why = {0};

	*k = (struct keeper){.all = true};
	keep_open(&k->file, file, "alertd", MEMORY_FORMAT, &text);
	if (text.len && !memory_load(&f->judge, &f->before, text.s, text.len, &why)) {
		keep_aside(&k->file, why.s);
		forget(f);
	}
	if (text.len && !why.len)
		log_debug("state %s: %zu firings, %zu lines may come again", k->file.path, f->judge.table.n, f->before.n);
	f->keeping = k->file.path != NULL;
	strbuf_free(&text);
	strbuf_free(&why);
}

void
keeper_rules(struct keeper *k)
{
	k->all = true;
}

/* What a kill or a power cut must not take waits for the disk; clocks need not. */
static void
save(struct keeper *k, struct filter *f, int64_t mono)
{
	bool all = k->all || f->judge.table.dropped || keep_wants_all(&k->file), sync = f->judge.table.changed || f->now.text.len;
	struct strbuf b = {0};

	memory_dump(&f->judge, all, &b);
	recall_dump(&f->now, &b);
	k->all = !keep_save(&k->file, b.s, b.len, all, sync, mono);
	strbuf_free(&b);
}

void
keeper_before(struct keeper *k, struct filter *f)
{
	int64_t mono = stamp_mono();

	if (f->before.on)
		return;		/* all of this, and more, is in the predecessor's save */
	if (keep_ready(&k->file, mono))
		save(k, f, mono);
	else
		k->all = true;
}

void
keeper_after(struct keeper *k, const struct filter *f)
{
	struct strbuf b = {0};

	if (!f->now.text.len || f->before.on || k->all || !k->file.path)
		return;
	recall_dump_written(&b);
	if (!keep_save(&k->file, b.s, b.len, false, false, stamp_mono()))
		k->all = true;
	strbuf_free(&b);
}

void
keeper_close(struct keeper *k, struct filter *f, bool written)
{
	if (written && f->begun && !f->before.on && keep_ready(&k->file, stamp_mono())) {
		recall_begin(&f->now);
		k->all = true;
		save(k, f, stamp_mono());
	}
	keep_close(&k->file);
}
