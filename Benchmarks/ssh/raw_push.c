// The least that a push can cost: the library's own calls, one epoll, no scheduler, no host key check, no deadlines.
// usage: raw_push N WINDOW   (BENCH_DIR as for ssh-push; PORT, PORTS and USER_NAME likewise)
#include <arpa/inet.h>
#include <errno.h>
#include <libssh2.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum stage { SHAKE, LOGIN, OPEN, START, DRAIN, SHUT, BYE, OVER };

struct push {
    int number, fd, length, good;
    enum stage stage;
    LIBSSH2_SESSION *session;
    LIBSSH2_CHANNEL *channel;
    char command[512], text[128];
};

static const char *folder, *user = "bench";
static char public_key[1024], private_key[4096];
static size_t public_size, private_size;
static int epoll, port = 2222, ports = 1;

static size_t load(const char *name, char *into, size_t size) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "r");
    if (!file) {
        perror(path);
        exit(1);
    }
    size_t count = fread(into, 1, size - 1, file);
    into[count] = 0;
    fclose(file);
    return count;
}

static void begin(struct push *push, int number, const char *host) {
    memset(push, 0, sizeof *push);
    push->number = number;
    snprintf(push->command, sizeof push->command, "echo 'rate %d' > %s/out/%d && cat %s/out/%d", number, folder, number,
             folder, number);
    push->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    int one = 1;
    setsockopt(push->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port + number % ports)};
    inet_pton(AF_INET, host, &address.sin_addr);
    if (connect(push->fd, (struct sockaddr *)&address, sizeof address) && errno != EINPROGRESS) {
        perror(host);
        exit(1);
    }
    push->session = libssh2_session_init();
    libssh2_session_set_blocking(push->session, 0);
    struct epoll_event event = {.events = EPOLLOUT, .data.ptr = push};
    epoll_ctl(epoll, EPOLL_CTL_ADD, push->fd, &event);
}

static int attempt(struct push *push) {
    switch (push->stage) {
    case SHAKE: return libssh2_session_handshake(push->session, push->fd);
    case LOGIN:
        return libssh2_userauth_publickey_frommemory(push->session, user, strlen(user), public_key, public_size, private_key,
                                                     private_size, NULL);
    case OPEN:
        push->channel = libssh2_channel_open_session(push->session);
        return push->channel ? 0 : libssh2_session_last_errno(push->session);
    case START: return libssh2_channel_exec(push->channel, push->command);
    case DRAIN: {
        ssize_t count;
        do {
            count = libssh2_channel_read(push->channel, push->text + push->length, sizeof push->text - 1 - push->length);
            if (count > 0) push->length += (int)count;
        } while (count > 0);
        return (int)count;
    }
    case SHUT: return libssh2_channel_close(push->channel);
    case BYE: return libssh2_session_disconnect(push->session, "done");
    default: return 0;
    }
}

// Goes on until it must wait; 1 when the push is over.
static int advance(struct push *push) {
    while (push->stage != OVER) {
        int result = attempt(push);
        if (result == LIBSSH2_ERROR_EAGAIN) {
            int directions = libssh2_session_block_directions(push->session);
            struct epoll_event event = {.events = EPOLLIN, .data.ptr = push};
            if (directions) {
                event.events = (directions & LIBSSH2_SESSION_BLOCK_INBOUND ? EPOLLIN : 0)
                    | (directions & LIBSSH2_SESSION_BLOCK_OUTBOUND ? EPOLLOUT : 0);
            }
            epoll_ctl(epoll, EPOLL_CTL_MOD, push->fd, &event);
            return 0;
        }
        if (result < 0) {
            fprintf(stderr, "push %d failed in stage %d: %d\n", push->number, push->stage, result);
            break;
        }
        push->stage++;
    }
    char expected[32];
    snprintf(expected, sizeof expected, "rate %d\n", push->number);
    push->good = push->stage == OVER && strcmp(push->text, expected) == 0;
    if (push->channel) libssh2_channel_free(push->channel);
    libssh2_session_free(push->session);
    close(push->fd);
    return 1;
}

int main(int argc, char **argv) {
    folder = getenv("BENCH_DIR");
    if (argc != 3 || !folder) return fprintf(stderr, "usage: BENCH_DIR=... raw_push N WINDOW\n"), 64;
    if (getenv("PORT")) port = atoi(getenv("PORT"));
    if (getenv("PORTS")) ports = atoi(getenv("PORTS"));
    if (getenv("USER_NAME")) user = getenv("USER_NAME");
    int total = atoi(argv[1]), window = atoi(argv[2]), begun = 0, over = 0, good = 0;
    if (window > total) window = total;
    static char hosts[1 << 20];
    load("hosts", hosts, sizeof hosts);
    public_size = load("userkey.pub", public_key, sizeof public_key);
    private_size = load("userkey", private_key, sizeof private_key);
    libssh2_init(0);
    epoll = epoll_create1(0);
    struct push *pushes = calloc(window, sizeof *pushes);
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    char *host = strtok(hosts, "\n");
    for (; begun < window; begun++, host = strtok(NULL, "\n")) begin(&pushes[begun], begun, host);
    struct epoll_event events[128];
    while (over < total) {
        int count = epoll_wait(epoll, events, 128, 30000);
        if (count == 0) return fprintf(stderr, "nothing moved for 30 s\n"), 1;
        for (int i = 0; i < count; i++) {
            struct push *push = events[i].data.ptr;
            if (!advance(push)) continue;
            over++;
            good += push->good;
            if (begun == total) continue;
            begin(push, begun++, host);
            host = strtok(NULL, "\n");
        }
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    double wall = end.tv_sec - start.tv_sec + (end.tv_nsec - start.tv_nsec) / 1e9;
    double cpu = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    printf("C loop    N=%d W=%d ok=%d wall=%.2f s cpu=%.2f s (%.2f ms/device) rss=%ld KB\n", total, window, good, wall, cpu,
           1000 * cpu / total, usage.ru_maxrss);
    return good == total ? 0 : 1;
}
