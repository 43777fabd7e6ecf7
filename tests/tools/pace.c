/*
 * Records at a pace, for measurements: pace events|state COUNT PER_SECOND BYTES
 * Each holds "t":MICROSECONDS of the moment it is written, and BYTES of padding. "state" writes three
 * sections a tick, one write each, as three collectors do. The last record is an event with "id":"last".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/fdio.h"
#include "lib/stamp.h"
#include "lib/strbuf.h"

static long long
now_us(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (long long)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void
sleep_until(long long us)
{
	struct timespec t = {.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) != 0)
		;
}

static void
put(const char *type, const char *id, const char *pad, int in_data)
{
	struct strbuf b = {0};
	char stamp[STAMP_LEN + 1];

	strbuf_addf(&b, "{\"type\":\"%s\",\"timestamp\":\"%s\",", type, stamp_format(stamp_now(), stamp));
	if (id)
		strbuf_addf(&b, "\"id\":\"%s\",", id);
	strbuf_addf(&b, in_data ? "\"data\":{\"t\":%lld,\"pad\":\"%s\"}}\n" : "\"t\":%lld,\"pad\":\"%s\"}\n", now_us(CLOCK_REALTIME), pad);
	if (fd_write_all(STDOUT_FILENO, b.s, b.len) < 0)
		exit(1);
	strbuf_free(&b);
}

int
main(int argc, char **argv)
{
	long long began = now_us(CLOCK_MONOTONIC);
	long count, bytes;
	double rate;
	char *pad, id[32];

	if (argc != 5 || (count = strtol(argv[2], NULL, 10)) < 0 || (rate = strtod(argv[3], NULL)) <= 0 ||
	    (bytes = strtol(argv[4], NULL, 10)) < 0 || !(pad = malloc((size_t)bytes + 1))) {
		fprintf(stderr, "usage: pace events|state COUNT PER_SECOND BYTES\n");
		return 2;
	}
	memset(pad, 'x', (size_t)bytes);
	pad[bytes] = '\0';
	for (long i = 0; i < count; i++) {
		sleep_until(began + (long long)((double)i * 1e6 / rate));
		if (strcmp(argv[1], "state") == 0) {
			put("metrics", NULL, pad, 1);
			put("containers", NULL, pad, 1);
			put("sessions", NULL, pad, 1);
		} else {
			snprintf(id, sizeof id, "e%ld", i);
			put("session_event", id, pad, 0);
		}
	}
	put("session_event", "last", "", 0);
	free(pad);
	return 0;
}
