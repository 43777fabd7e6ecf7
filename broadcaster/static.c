#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#include "broadcaster/slim.h"
#include "broadcaster/static.h"
#include "lib/fdio.h"
#include "lib/log.h"
#include "lib/xalloc.h"

enum { WORTH_GZIP = 256 };	/* bytes from which on compressing is tried */

/* What a page's browser need not grant; all of it is known to browsers, or they would complain. */
static const char guards[] = "Cross-Origin-Opener-Policy: same-origin\r\n"
    "Permissions-Policy: camera=(), microphone=(), geolocation=(), payment=(), usb=()\r\n";

/* %s: what is connected to beside the page's own host. */
#define POLICY \
	"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " \
	"connect-src 'self'%s; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

struct file {
	char *path;		/* as asked for: "/app.js" */
	const char *type;
	char etag[24];		/* quotes included */
	struct body *plain, *gzip;	/* gzip NULL: saves nothing */
};

struct files {
	struct file *v;		/* sorted by path */
	size_t n, bytes;
	bool ours;
	struct strbuf policy;
};

static const char *
type_of(const char *path)
{
	static const struct { const char *ext, *type; } types[] = {
		{"html", "text/html; charset=utf-8"}, {"js", "text/javascript; charset=utf-8"},
		{"mjs", "text/javascript; charset=utf-8"}, {"css", "text/css; charset=utf-8"},
		{"json", "application/json; charset=utf-8"}, {"map", "application/json; charset=utf-8"},
		{"webmanifest", "application/manifest+json; charset=utf-8"}, {"svg", "image/svg+xml"}, {"png", "image/png"},
		{"jpg", "image/jpeg"}, {"jpeg", "image/jpeg"}, {"gif", "image/gif"}, {"webp", "image/webp"},
		{"ico", "image/x-icon"}, {"woff2", "font/woff2"}, {"woff", "font/woff"}, {"ttf", "font/ttf"},
		{"txt", "text/plain; charset=utf-8"}, {"wasm", "application/wasm"}, {"xml", "application/xml"},
	};
	const char *dot = strrchr(path, '.');

	for (size_t i = 0; dot && i < sizeof types / sizeof types[0]; i++)
		if (!strcmp(dot + 1, types[i].ext))
			return types[i].type;
	return "application/octet-stream";
}

/* NULL: it saves less than a tenth. */
static struct body *
compress_body(const struct body *plain)
{
	z_stream z = {0};
	struct body *b = NULL;
	size_t room = plain->len;
	char *out;

	if (plain->len < WORTH_GZIP || deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) != Z_OK)
		return NULL;
	out = xmalloc(room);
	z.next_in = (unsigned char *)(uintptr_t)plain->data;
	z.avail_in = (unsigned)plain->len;
	z.next_out = (unsigned char *)out;
	z.avail_out = (unsigned)room;
	if (deflate(&z, Z_FINISH) == Z_STREAM_END && z.total_out < plain->len - plain->len / 10)
		b = body_new(out, z.total_out);
	deflateEnd(&z);
	free(out);
	return b;
}

static void
add_file(struct files *files, const char *path, const char *data, size_t len)
{
	struct file *f;
	uint64_t h = 14695981039346656037u;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)data[i]) * 1099511628211u;
	files->v = xreallocarray(files->v, files->n + 1, sizeof *files->v);
	f = &files->v[files->n++];
	*f = (struct file){.path = xstrdup(path), .type = type_of(path), .plain = body_new(data, len)};
	snprintf(f->etag, sizeof f->etag, "\"%016llx\"", (unsigned long long)h);
	f->gzip = compress_body(f->plain);
	files->bytes += len;
}

static bool
is_source(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot && (!strcmp(dot, ".js") || !strcmp(dot, ".css")) && !strstr(path, "/vendor/");
}

/* path is the file's, behind the folder's name of skip bytes. */
static void
load_file(struct files *files, const struct strbuf *path, size_t skip, off_t size)
{
	struct strbuf data = {0}, less = {0};

	if (files->n >= STATIC_FILES_MAX || size > STATIC_FILE_BYTES || files->bytes + (size_t)size > STATIC_BYTES)
		log_warn("%s: not served: over a bound (%d files, %d MiB each, %d MiB in all)", path->s, STATIC_FILES_MAX,
		    STATIC_FILE_BYTES >> 20, STATIC_BYTES >> 20);
	else if (fd_slurp(path->s, STATIC_FILE_BYTES, &data) < 0)
		log_warn("%s: not served: %s", path->s, strerror(errno));
	else if (files->ours && is_source(path->s))
		slim(data.s, data.len, &less);
	if (less.len)
		add_file(files, path->s + skip, less.s, less.len);
	else if (data.s)
		add_file(files, path->s + skip, data.s, data.len);
	strbuf_free(&less);
	strbuf_free(&data);
}

static bool
load_folder(struct files *files, struct strbuf *path, size_t skip, int depth)
{
	DIR *dir = opendir(path->s);
	size_t len = path->len;
	struct dirent *e;
	struct stat st;

	if (!dir)
		return false;
	while ((e = readdir(dir))) {
		if (*e->d_name == '.')
			continue;
		strbuf_addf(path, "/%s", e->d_name);
		if (stat(path->s, &st) == 0 && S_ISREG(st.st_mode))
			load_file(files, path, skip, st.st_size);
		else if (S_ISDIR(st.st_mode) && (depth >= STATIC_DEPTH || !load_folder(files, path, skip, depth + 1)))
			log_warn("%s: not served: %s", path->s, depth >= STATIC_DEPTH ? "too deep" : strerror(errno));
		path->len = len;
		path->s[len] = '\0';
	}
	closedir(dir);
	return true;
}

static int
by_path(const void *a, const void *b)
{
	return strcmp(((const struct file *)a)->path, ((const struct file *)b)->path);
}

struct files *
static_load(const char *folder, bool ours, const char *connect)
{
	struct files *files = xcalloc(1, sizeof *files);
	struct strbuf path = {0};

	files->ours = ours;
	strbuf_adds(&path, folder);
	while (path.len > 1 && path.s[path.len - 1] == '/')
		path.s[--path.len] = '\0';
	if (!load_folder(files, &path, path.len, 0)) {
		free(files);
		files = NULL;
	} else if (files->n) {
		qsort(files->v, files->n, sizeof *files->v, by_path);
	}
	if (files)
		strbuf_addf(&files->policy, POLICY, connect);
	strbuf_free(&path);
	return files;
}

void
static_del(struct files *files)
{
	for (size_t i = 0; files && i < files->n; i++) {
		free(files->v[i].path);
		body_unref(files->v[i].plain);
		body_unref(files->v[i].gzip);
	}
	if (files) {
		free(files->v);
		strbuf_free(&files->policy);
	}
	free(files);
}

static const struct file *
find(const struct files *files, const char *path)
{
	struct file key = {.path = (char *)(uintptr_t)path};

	return files && files->n ? bsearch(&key, files->v, files->n, sizeof *files->v, by_path) : NULL;
}

/* Does it lie where files of the page do: at the top, or below one of its folders? */
static bool
among_files(const struct files *files, const char *path)
{
	size_t n = strcspn(path + 1, "/") + 2;	/* "/vendor/" */

	if (!path[n - 1])
		return true;
	for (size_t i = 0; i < files->n; i++)
		if (!strncmp(files->v[i].path, path, n))
			return true;
	return false;
}

/* A name may have a dot, as that of a container in /containers/kato.1; a file that is missing is missing. */
static const struct file *
find_or_index(const struct files *files, const char *path)
{
	const struct file *f = find(files, path);
	const char *slash = strrchr(path, '/');

	if (f || !files || (slash && strchr(slash, '.') && among_files(files, path)))
		return f;
	return find(files, "/index.html");
}

/* Does the list of an If-None-Match hold this tag? */
static bool
tag_matches(const char *list, const char *etag)
{
	size_t n = strlen(etag);

	for (; *list; list += strcspn(list, ",")) {
		list += strspn(list, ", \t");
		if (*list == '*')
			return true;
		if (!strncmp(list, "W/", 2))
			list += 2;
		if (!strncmp(list, etag, n) && strchr(", \t", list[n]))
			return true;
	}
	return false;
}

void
static_reply(const struct files *files, const struct http_request *q, struct reply *r)
{
	const struct file *f = find_or_index(files, q->path);
	bool gzip;

	if (!f) {
		reply_problem(r, 404, "there is no %s here", q->path);
		return;
	}
	gzip = q->gzip && f->gzip;
	r->status = 200;
	r->type = f->type;
	strbuf_addf(&r->headers, "ETag: %s%s\r\nVary: Accept-Encoding\r\nCache-Control: no-cache\r\nContent-Security-Policy: %s\r\n",
	    gzip ? "W/" : "", f->etag, files->policy.s);
	if (!strncmp(f->type, "text/html", 9))
		strbuf_adds(&r->headers, guards);
	if (q->if_none_match && tag_matches(q->if_none_match, f->etag)) {
		r->status = 304;
		return;
	}
	if (gzip)
		reply_header(r, "Content-Encoding", "gzip");
	r->body = body_ref(gzip ? f->gzip : f->plain);
}
