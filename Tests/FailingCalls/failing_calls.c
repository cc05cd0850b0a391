#define _GNU_SOURCE
#include "failing_calls.h"
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

static atomic_long calls;

enum turn { goes_on, dies_after, fails };

/* Counts a call over all threads, and says what is to become of it. */
static enum turn count(const char *name) {
    const char *chosen = getenv("FAILING_CALL"), *at = getenv("FAILING_AT"), *how = getenv("FAILING_HOW");
    if (!chosen || strcmp(chosen, name) != 0) return goes_on;
    if (atomic_fetch_add(&calls, 1) + 1 != (at ? atol(at) : 0) || !how) return goes_on;
    if (strcmp(how, "before") == 0) kill(getpid(), SIGKILL);
    if (strcmp(how, "after") == 0) return dies_after;
    errno = atoi(how);
    return fails;
}

static int is_store(int file) {
    char link[40], path[1024];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t size = readlink(link, path, sizeof path - 1);
    if (size < 0) return 0;
    path[size] = 0;
    return strstr(path, ".db") != NULL;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t send(int file, const void *bytes, size_t size, int flags) {
    enum turn turn = count("send");
    if (turn == fails) return -1;
    ssize_t sent = REAL(send)(file, bytes, size, flags);
    if (turn == dies_after) kill(getpid(), SIGKILL);
    return sent;
}

ssize_t pwrite64(int file, const void *bytes, size_t size, off64_t offset) {
    enum turn turn = is_store(file) ? count("pwrite64") : goes_on;
    if (turn == fails) return -1;
    ssize_t written = REAL(pwrite64)(file, bytes, size, offset);
    if (turn == dies_after) kill(getpid(), SIGKILL);
    return written;
}

int fdatasync(int file) {
    enum turn turn = is_store(file) ? count("fdatasync") : goes_on;
    if (turn == fails) return -1;
    int result = REAL(fdatasync)(file);
    if (turn == dies_after) kill(getpid(), SIGKILL);
    return result;
}

/* How far this machine's clock is off, in seconds: eight bytes of a file that somebody may change at any time. */
static const _Atomic int64_t *clock_offset;

__attribute__((constructor)) static void find_clock(void) {
    const char *path = getenv("FAILING_CLOCK");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return;
    void *shared = mmap(NULL, sizeof *clock_offset, PROT_READ, MAP_SHARED, file, 0);
    close(file);
    if (shared != MAP_FAILED) clock_offset = shared;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    int result = (int)syscall(SYS_clock_gettime, clock, now);
    if (result == 0 && clock == CLOCK_REALTIME && clock_offset) now->tv_sec += atomic_load(clock_offset);
    return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    (void)zone;
    struct timespec precise;
    if (clock_gettime(CLOCK_REALTIME, &precise) != 0) return -1;
    now->tv_sec = precise.tv_sec;
    now->tv_usec = precise.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *now) {
    struct timespec precise;
    if (clock_gettime(CLOCK_REALTIME, &precise) != 0) return -1;
    if (now) *now = precise.tv_sec;
    return precise.tv_sec;
}

__attribute__((destructor)) static void tell(void) {
    const char *path = getenv("FAILING_COUNT");
    FILE *file = path ? fopen(path, "w") : NULL;
    if (!file) return;
    fprintf(file, "%ld\n", atomic_load(&calls));
    fclose(file);
}
