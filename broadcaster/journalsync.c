#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "broadcaster/journalsync.h"
#include "lib/keeppath.h"
#include "lib/xalloc.h"

enum { STACK_BYTES = 256 << 10 };

struct journalsync {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool asked;		/* until it is done */
	int fd[2];
	char *path;
	int error;
};

/* 0, or the first errno. */
static int
sync_all(const int fd[2], const char *path)
{
	int e = 0;

	for (int i = 0; i < 2; i++)
		if (fd[i] >= 0) {
			if (fdatasync(fd[i]) < 0 && !e)
				e = errno;
			close(fd[i]);
		}
	if (path && keeppath_sync(path) < 0 && !e)
		e = errno;
	return e;
}

static void *
work(void *arg)
{
	struct journalsync *s = arg;

	pthread_mutex_lock(&s->lock);
	for (;;) {
		int e;

		while (!s->asked)
			pthread_cond_wait(&s->changed, &s->lock);
		pthread_mutex_unlock(&s->lock);	/* who asked touches nothing while asked is set */
		e = sync_all(s->fd, s->path);
		pthread_mutex_lock(&s->lock);
		free(s->path);
		s->path = NULL;
		if (e)
			s->error = e;
		s->asked = false;
		pthread_cond_broadcast(&s->changed);
	}
	return NULL;
}

struct journalsync *
journalsync_new(void)
{
	struct journalsync *s = xcalloc(1, sizeof *s);
	pthread_attr_t attr;
	sigset_t all, before;
	pthread_t thread;
	int e;

	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->changed, NULL);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);	/* signals are the loop's */
	e = pthread_create(&thread, &attr, work, s);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	if (!e)
		return s;
	free(s);
	return NULL;
}

bool
journalsync_ask(struct journalsync *s, int fd, int other, const char *path)
{
	bool taken;

	pthread_mutex_lock(&s->lock);
	taken = !s->asked;
	if (taken) {
		s->fd[0] = fd;
		s->fd[1] = other;
		s->path = path ? xstrdup(path) : NULL;
		s->asked = true;
		pthread_cond_broadcast(&s->changed);
	}
	pthread_mutex_unlock(&s->lock);
	return taken;
}

int
journalsync_error(struct journalsync *s)
{
	int e;

	pthread_mutex_lock(&s->lock);
	e = s->error;
	s->error = 0;
	pthread_mutex_unlock(&s->lock);
	return e;
}

void
journalsync_wait(struct journalsync *s)
{
	pthread_mutex_lock(&s->lock);
	while (s->asked)
		pthread_cond_wait(&s->changed, &s->lock);
	pthread_mutex_unlock(&s->lock);
}
