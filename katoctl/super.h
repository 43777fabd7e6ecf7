#ifndef KATOCTL_SUPER_H
#define KATOCTL_SUPER_H

/* What the rooms of katoctl run share: the supervisor, its stages, and how to run it. */

#include <stdbool.h>
#include <stdint.h>

#include "katoctl/child.h"
#include "katoctl/echo.h"
#include "katoctl/hang.h"
#include "katoctl/hop.h"
#include "katoctl/loop.h"
#include "katoctl/plan.h"
#include "katoctl/poison.h"
#include "katoctl/rest.h"
#include "katoctl/restart.h"
#include "katoctl/store.h"
#include "lib/linebuf.h"
#include "lib/log.h"

struct control;
struct feed;
struct errout;
struct sd;

enum {
	READY_AFTER_MS = 1000,	/* a program that says nothing of readiness or acks is taken at its word so long after its start */
	HURRY_AFTER = 6,	/* times the patience: then the end is no longer orderly */
};

/* Does it say what it has dealt with? A sink by its acks, from the first on; a filter by its echoes, until it is found out. */
enum stage_acks { ACKS_UNKNOWN, ACKS_YES, ACKS_NO };

struct relay_count {
	uint64_t lines, bytes;
};

struct stage {
	const struct plan_stage *plan;
	struct restart restart;
	struct child proc;	/* pid 0: no process */
	bool exited;		/* the process was waited for; its output may still be on the way */
	int64_t exited_ms;
	int status;		/* of the last exit, as wait(2) has it */
	bool has_exited;	/* ever: status means something */

	struct linebuf out;	/* of a collector, filter, map */
	struct hop in;		/* of a filter, map, sink */
	bool input_over;	/* nothing more will come: end of file once all is given */
	bool deaf;		/* closed its input before that */
	int64_t first_given_ms;	/* when this process was first given a line; -1: not yet */
	int64_t took_ms;	/* when it last took any bytes */
	uint64_t sent;		/* whole lines given to this process */
	uint64_t fed;		/* bytes */
	uint64_t fed_seen;	/* at the last refeed_look */
	size_t unread;		/* of fed, left in its pipe when that was closed */
	uint64_t unread_lines;	/* the same, of a sink that died before it said whether it acks */
	struct echo echo;	/* of a filter */
	struct poison poison;
	bool found_out;		/* a filter that is a map */

	enum stage_acks acks;
	bool acks_lines;	/* one of its processes did */
	uint64_t dealt;		/* of sent */
	char ack_text[24];	/* a decimal line that came in part */
	size_t ack_len;
	bool ready, says_ready;	/* by its own word */

	struct hang hang;
	uint64_t moves;		/* reads of its output, acks */
	int64_t echo_ms;	/* when it last wrote */
	bool hung;		/* was stuck too long */

	int64_t leave_ms;	/* since when it should be going; -1: it may stay */
	int asked;		/* how: 0 not yet, then SIGTERM, then SIGKILL */
	bool again;		/* stage_restart wants it to end */

	struct store store;	/* of a sink: its sockets, for its next process */

	struct linebuf err;
	char *last_err;		/* the last line it said there; NULL: none */
	char *url;		/* a sink's, from "listening on http…"; NULL: none said */

	struct relay_count count;	/* a sink's: dealt with by it; else: written by it */
	uint64_t torn, dropped;
	uint64_t toolong;	/* of out's, those that were counted */
	struct log_gate toolong_gate, ack_gate;

	bool troubled;		/* died or was parked once: its source_status is repeated from then on */
	bool notice_due;
	bool down, down_soon;	/* down_soon: and back in a moment */
	int64_t since_ms, noticed_ms;	/* wall clock */
	char *trouble;
};

struct super {
	struct stage *v;	/* in the plan's order; the feed is one of them, without a process */
	size_t n;
	struct loop loop;
	struct feed *feed;	/* NULL: the plan has none */
	struct control *control;
	struct errout *errout;
	struct sd *sd;
	int64_t patience_ms, stuck_ms;
	int64_t stop_ms;	/* monotonic; -1: not stopping */
	int exit_code;
	bool child_ended;	/* since the last look */
	bool hurried;		/* all were killed: what they left is not read any more */
	struct rest rest;
	uint64_t lines;		/* relayed, each as often as it was passed on */
	bool flood;		/* this turn a pipe held more than one read takes */
	char *told_url;		/* the address that was said last; NULL: none */
};

struct super_options {
	const char *control;	/* socket path; NULL: the usual place */
	int64_t patience_ms;
	int64_t stuck_ms;	/* a stage that does not move for so long is started again; 0: none is */
	size_t hop_bytes, hop_lines;
};

/* Runs a checked plan to its end; returns the exit status. sigs_init is the caller's. */
int super_run(const struct plan *, const struct super_options *);
/* Begins the orderly end, once; later calls only raise the exit status. */
void super_stop(struct super *, int exit_code);
/* "running", "parked" …: the word of katoctl status. */
const char *super_state(const struct super *, const struct stage *);

#endif
