// epoll, eventfd, setns and some constants are not in Swift's Glibc module, or are in it only by accident of what else is
// imported.
#pragma once
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

// SOCK_* are an enum in one module and absent from another.
static const int clinux_stream_socket = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
static const int clinux_datagram_socket = SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
static const int clinux_no_signal = MSG_NOSIGNAL;

// By number, because <sched.h> hides setns unless _GNU_SOURCE is defined, and Glibc's module was built without asking us.
// 0x40000000 is CLONE_NEWNET. Moves the calling thread only.
static inline int clinux_enter_network_namespace(int fd) {
    return (int)syscall(SYS_setns, fd, 0x40000000);
}

// prctl takes a variable number of arguments, which do not import.
static inline void clinux_name_thread(const char *name) {
    prctl(PR_SET_NAME, name, 0, 0, 0);
}

// A detached thread with a small stack. pthread_attr_t belongs to no module that Swift can name.
static inline int clinux_start_thread(void *(*body)(void *), void *argument, size_t stack) {
    pthread_attr_t attributes;
    pthread_t thread;
    if (pthread_attr_init(&attributes)) return -1;
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, stack);
    int status = pthread_create(&thread, &attributes, body, argument);
    pthread_attr_destroy(&attributes);
    return status;
}

// pipe2 is hidden unless _GNU_SOURCE is defined. Closed in every program that is started, but for copies.
static inline int clinux_pipe(int ends[2]) {
    return (int)syscall(SYS_pipe2, ends, O_CLOEXEC);
}

// Hidden like it (glibc 2.34). What libraries of ours opened without close-on-exec is none of a started program's business.
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int first);
static inline int clinux_close_from(posix_spawn_file_actions_t *actions, int first) {
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

// Hidden like it (glibc 2.26): the program is started in a session of its own, without a terminal.
static const short clinux_spawn_in_own_session = 0x80;

// Many datagrams in one call. <sys/socket.h> hides both calls and their struct unless _GNU_SOURCE is defined.
struct clinux_datagram {
    struct msghdr header;
    unsigned int length;
};

static inline int clinux_send_datagrams(int fd, struct clinux_datagram *datagrams, unsigned int count) {
    return (int)syscall(SYS_sendmmsg, fd, datagrams, count, 0);
}

static inline int clinux_receive_datagrams(int fd, struct clinux_datagram *datagrams, unsigned int count) {
    return (int)syscall(SYS_recvmmsg, fd, datagrams, count, 0, NULL);
}
