#ifndef KATOCTL_SD_H
#define KATOCTL_SD_H

/*
 * What katoctl run tells systemd: READY=1 once each stage serves, waits for its next start or is parked; how the
 * stages are, when that has changed; that it stops; and, as long as its loop turns, that it lives.
 */

#include <stdint.h>

#include "katoctl/super.h"

struct sd *sd_new(void);	/* before any child is started: it cleans the environment */
void sd_del(struct sd *);
/* The socket of a socket unit (LISTEN_FDS) that listens at the path, non-blocking, close-on-exec; -1: none was handed over. */
int sd_socket(const struct sd *, const char *path);
/*
 * Gives a sink what was handed over for it: under its name, by a socket unit (FileDescriptorName=broadcaster), or what
 * it had stored before we were started again.
 */
void sd_hand_over(struct sd *, struct stage *);
/* What a sink has stored, or no longer wants, under "STAGE/NAME": so it outlives us, too. */
void sd_forward(struct super *, const struct stage *, const struct store_word *);
/* Says what is due. */
void sd_step(struct super *, int64_t now_ms);
/* When sd_step is to be called again without an event; INT64_MAX: never. */
int64_t sd_due(const struct super *);
/* The settings are read again. */
void sd_reload(struct super *);

#endif
