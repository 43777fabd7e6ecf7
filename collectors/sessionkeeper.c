#include "collectors/sessionkeeper.h"
#include "collectors/sessionmem.h"
#include "collectors/sessionset.h"

bool
sessionkeeper_open(struct sessionkeeper *k, const char *file, const char *kato, struct sessions *s, struct sessions_now now, struct strbuf *out)
{
	struct strbuf text = {0};
	size_t had = out->len;

	*k = (struct sessionkeeper){.saved = now.mono};
	keep_open(&k->file, file, SESSION_SOURCE, SESSIONMEM_FORMAT, &text);
	if (text.len && !sessionmem_load(s, kato, now, text.s, text.len, out))
		keep_aside(&k->file, "makes no sense");
	k->unsent = out->len > had;
	k->events = s->events;
	strbuf_free(&text);
	return s->known;
}

static void
save(struct sessionkeeper *k, const struct sessions *s, const char *kato, struct sessions_now now, const char *unsent, size_t len)
{
	struct strbuf b = {0};

	k->saved = now.mono;
	if (!s->known || !keep_ready(&k->file, now.mono))
		return;
	sessionmem_dump(s, kato, now, unsent, len, &b);
	keep_save(&k->file, b.s, b.len, keep_wants_all(&k->file), false, now.mono);
	k->events = s->events;
	k->unsent = len > 0;
	strbuf_free(&b);
}

void
sessionkeeper_before(struct sessionkeeper *k, const struct sessions *s, const char *kato, struct sessions_now now, const struct strbuf *out)
{
	if (k->events != s->events)
		save(k, s, kato, now, out->s, out->len);
	else if (now.mono - k->saved >= SESSIONKEEPER_MS && !k->unsent)
		save(k, s, kato, now, NULL, 0);
}

void
sessionkeeper_after(struct sessionkeeper *k, int64_t mono)
{
	struct strbuf b = {0};

	if (!k->unsent)
		return;
	k->unsent = false;
	sessionmem_dump_written(&b);
	if (keep_wants_all(&k->file))
		k->events--;	/* nothing there to add to: once more, whole */
	else
		keep_save(&k->file, b.s, b.len, false, false, mono);
	strbuf_free(&b);
}

void
sessionkeeper_close(struct sessionkeeper *k, const struct sessions *s, const char *kato, struct sessions_now now)
{
	if (k->file.path)
		save(k, s, kato, now, NULL, 0);
	keep_close(&k->file);
}
