#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#include "katoctl/notes.h"
#include "katoctl/sd.h"
#include "katoctl/stage.h"
#include "lib/fdio.h"
#include "lib/stamp.h"

enum { SAY_EVERY_MS = 10000 };

unsigned
notes_pipes(enum plan_kind kind)
{
	switch (kind) {
	case PLAN_COLLECT: return CHILD_OUT | CHILD_ERR | CHILD_READY;
	case PLAN_SINK: return CHILD_IN | CHILD_ERR | CHILD_READY | CHILD_ACK | CHILD_STORE;
	default: return CHILD_IN | CHILD_OUT | CHILD_ERR | CHILD_READY;
	}
}

/* A count, as the sink wrote it: cumulative for this process. */
static void
acked(struct stage *s, uint64_t count)
{
	uint64_t skipped;

	if (count > s->sent) {
		if (log_gate_open(&s->ack_gate, stamp_mono(), SAY_EVERY_MS, &skipped))
			log_warn("%s acknowledges %llu lines but was given %llu", s->plan->name, (unsigned long long)count,
			    (unsigned long long)s->sent);
		count = s->sent;
	}
	s->moves++;
	if (s->acks != ACKS_YES)
		child_widen(s->proc.in);	/* what it has not read is not lost with it */
	s->acks = ACKS_YES;
	s->acks_lines = true;
	if (count)
		stage_proved(s);
	if (count > s->dealt)
		stage_dealt(s, count - s->dealt);
}

void
notes_rest(struct stage *s)
{
	char buf[4096];
	ssize_t n = -1;

	while (s->proc.ack >= 0 && (n = fd_read(s->proc.ack, buf, sizeof buf)) > 0)
		for (ssize_t i = 0; i < n; i++) {
			if (buf[i] >= '0' && buf[i] <= '9' && s->ack_len + 1 < sizeof s->ack_text) {
				s->ack_text[s->ack_len++] = buf[i];
			} else if (buf[i] == '\n' && s->ack_len) {
				s->ack_text[s->ack_len] = '\0';
				acked(s, strtoull(s->ack_text, NULL, 10));
				s->ack_len = 0;
			}
		}
	if (s->proc.ack >= 0 && n == 0) {
		close(s->proc.ack);
		s->proc.ack = -1;
	}
}

static void
ack_ready(void *super, void *stage)
{
	(void)super;
	notes_rest(stage);
}

static void
ready_ready(void *super, void *stage)
{
	struct stage *s = stage;
	char buf[16];
	ssize_t n;

	(void)super;
	if (s->proc.ready < 0)
		return;
	n = fd_read(s->proc.ready, buf, sizeof buf);
	if (n < 0 && errno == EAGAIN)
		return;
	if (n > 0) {
		s->says_ready = true;
		stage_ready(s);
	}
	close(s->proc.ready);
	s->proc.ready = -1;
}

void
notes_offer(const struct stage *s)
{
	static uint64_t run;	/* a name of this supervisor's life */
	char text[64];

	unsetenv("KATO_ACK_FROM");
	if (s->plan->kind != PLAN_SINK || (!run && getrandom(&run, sizeof run, 0) != sizeof run))
		return;
	snprintf(text, sizeof text, "%016llx-%s:%llu", (unsigned long long)run, s->plan->name, (unsigned long long)s->in.gone);
	setenv("KATO_ACK_FROM", text, 1);
}

void
notes_store_rest(struct super *u, struct stage *s)
{
	struct store_word word;

	while (s->proc.store >= 0 && store_read(s->proc.store, &word)) {
		sd_forward(u, s, &word);
		store_take(&s->store, &word);
	}
}

static void
store_ready(void *super, void *stage)
{
	struct stage *s = stage;

	notes_store_rest(super, s);
	if (s->proc.store >= 0 && store_is_over(s->proc.store)) {
		close(s->proc.store);
		s->proc.store = -1;
	}
}

void
notes_watch(struct super *u)
{
	for (size_t i = 0; i < u->n; i++) {
		struct stage *s = &u->v[i];

		loop_add(&u->loop, s->proc.ready, POLLIN, ready_ready, u, s);
		loop_add(&u->loop, s->proc.ack, POLLIN, ack_ready, u, s);
		loop_add(&u->loop, s->proc.store, POLLIN, store_ready, u, s);
	}
}
