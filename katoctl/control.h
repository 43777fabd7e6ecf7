#ifndef KATOCTL_CONTROL_H
#define KATOCTL_CONTROL_H

/*
 * The control socket (mode 0600): who may open it may ask. A caller writes one line, "status",
 * "restart STAGE" or "tap STAGE". The answer begins with "ok", or "error: what is wrong"; a line of JSON
 * follows, report.h's for status, for a restart {"starts":N}, how often the stage had been started before
 * it; then end of file. A tap goes on for as long as the caller stays: "=" and a line that passed, or "!N": N
 * lines were left out here because the caller was slow. Where all places are taken, the oldest caller who
 * taps nothing is hung up on. The caller's side is ask.h.
 */

#include "katoctl/super.h"

enum { CONTROL_MAX_CALLERS = 64, CONTROL_TAP_BYTES = 4 << 20, CONTROL_REQUEST_MAX = 256 };

/*
 * Listens at path, or at the usual place where that is NULL: the first of $RUNTIME_DIRECTORY,
 * $XDG_RUNTIME_DIR/kato-live, /tmp/kato-live-UID. Where a supervisor listens already, or nobody can,
 * says so and exits with 1.
 */
struct control *control_new(const char *path);
void control_del(struct control *);	/* removes the socket too */
void control_watch(struct super *);
/*
 * Whole lines that stage wrote (a sink: was given). For each batch, whether somebody taps or not: the last line's time
 * stamp is looked at now and then, for the lag in status.
 */
void control_tapped(struct super *, const struct stage *, const char *p, size_t n);

#endif
