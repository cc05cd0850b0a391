#pragma once
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include <libssh2.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

// OpenSSL frees its locks when a process exits, and a process exits while other threads still have sessions: whoever lost its lease
// does not wait for them. The system frees all of it anyway.
static inline int cssh2_init(void) {
    OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL);
    return libssh2_init(0);
}

// What libssh2 1.10 does not tell about a session, seen through the callbacks that it does offer. One per session, owned by
// Swift, used only on the session's thread.
struct cssh2_watch {
    int64_t allowance;       // bytes that may still be moved when paced
    uint64_t moved;          // bytes moved, both directions
    int paced;               // whether `allowance` counts
    int throttled;           // an operation met an empty allowance
    int is_drained;          // the last read took all that there was: the next one, which libssh2 always makes, needs no system call
    int severed;             // no more bytes go out or come in: closing cannot block
    int exit_status_seen;    // the server sent "exit-status"
    uint32_t exit_status;    // and this is what it said
    const char *answer;      // what keyboard-interactive prompts are answered with; used up by the first hidden prompt
    uint8_t *preface;        // the first bytes from the server, until the handshake is done
    uint32_t preface_length, preface_served, preface_capacity;
};

static void *cssh2_allocate(size_t size, void **abstract) {
    (void)abstract;
    return malloc(size);
}

static void *cssh2_reallocate(void *old, size_t size, void **abstract) {
    (void)abstract;
    return realloc(old, size);
}

// Why look at memory that is freed: libssh2_channel_get_exit_status answers 0 both for "exit 0" and for "never told", and
// 1.10 has nothing that tells them apart. But each packet is freed once it was read, and a channel request (message 98,
// RFC 4254 section 6.10) with an exit status has a fixed shape. So it is seen without adding anything to the command, which
// network devices, having no shell, would not understand. The match is wiped: memory used again cannot match again.
static void cssh2_release(void *memory, void **abstract) {
    struct cssh2_watch *watch = abstract ? (struct cssh2_watch *)*abstract : NULL;
    if (memory && watch && malloc_usable_size(memory) >= 25) {
        uint8_t *packet = (uint8_t *)memory;
        if (packet[0] == 98 && memcmp(packet + 5, "\0\0\0\x0b" "exit-status", 15) == 0) {
            watch->exit_status_seen = 1;
            watch->exit_status =
                (uint32_t)packet[21] << 24 | (uint32_t)packet[22] << 16 | (uint32_t)packet[23] << 8 | packet[24];
            memset(packet, 0, 25);
        }
    }
    free(memory);
}

static ssize_t cssh2_send(libssh2_socket_t fd, const void *bytes, size_t length, int flags, void **abstract) {
    struct cssh2_watch *watch = (struct cssh2_watch *)*abstract;
    if (watch->severed) return -EPIPE;
    if (watch->paced) {
        if (watch->allowance <= 0) {
            watch->throttled = 1;
            return -EAGAIN;
        }
        if ((int64_t)length > watch->allowance) length = (size_t)watch->allowance;
    }
    ssize_t count = send(fd, bytes, length, flags | MSG_NOSIGNAL);
    if (count < 0) return errno == EINTR ? -EAGAIN : -errno;
    watch->allowance -= count;
    watch->moved += (uint64_t)count;
    return count;
}

// Keeps the server's first bytes: its greeting and its lists of algorithms, which libssh2 forgets when a handshake fails.
// libssh2 reads the greeting one byte a call; serving those from the kept bytes also saves some forty system calls.
static ssize_t cssh2_receive(libssh2_socket_t fd, void *buffer, size_t length, int flags, void **abstract) {
    struct cssh2_watch *watch = (struct cssh2_watch *)*abstract;
    if (watch->severed) return 0;
    if (watch->preface_served < watch->preface_length) {
        size_t rest = watch->preface_length - watch->preface_served;
        if (length > rest) length = rest;
        memcpy(buffer, watch->preface + watch->preface_served, length);
        watch->preface_served += (uint32_t)length;
        return (ssize_t)length;
    }
    if (watch->is_drained) {
        watch->is_drained = 0;
        return -EAGAIN;
    }
    uint32_t space = watch->preface ? watch->preface_capacity - watch->preface_length : 0;
    int ahead = length == 1 && space > 0;
    size_t wanted = ahead ? space : length;
    if (watch->paced) {
        if (watch->allowance <= 0) {
            watch->throttled = 1;
            return -EAGAIN;
        }
        if ((int64_t)wanted > watch->allowance) wanted = (size_t)watch->allowance;
    }
    void *target = ahead ? (void *)(watch->preface + watch->preface_length) : buffer;
    ssize_t count = recv(fd, target, wanted, flags);
    if (count < 0) return errno == EINTR ? -EAGAIN : -errno;
    watch->is_drained = count > 0 && (size_t)count < wanted;
    watch->allowance -= count;
    watch->moved += (uint64_t)count;
    if (ahead) {
        watch->preface_length += (uint32_t)count;
        if (count == 0) return 0;
        *(uint8_t *)buffer = watch->preface[watch->preface_served++];
        return 1;
    }
    if (space > 0 && count > 0) {
        uint32_t kept = (uint32_t)count < space ? (uint32_t)count : space;
        memcpy(watch->preface + watch->preface_length, buffer, kept);
        watch->preface_length += kept;
        watch->preface_served = watch->preface_length;
    }
    return count;
}

// Answers the first hidden prompt with the password, everything else with nothing: a second hidden prompt is a one-time code
// or a refusal, and a password is not for it.
static void cssh2_answer(const char *name, int name_length, const char *instruction, int instruction_length, int count,
                         const LIBSSH2_USERAUTH_KBDINT_PROMPT *prompts, LIBSSH2_USERAUTH_KBDINT_RESPONSE *responses,
                         void **abstract) {
    struct cssh2_watch *watch = (struct cssh2_watch *)*abstract;
    (void)name, (void)name_length, (void)instruction, (void)instruction_length;
    for (int i = 0; i < count; i++) {
        int hidden = !prompts[i].echo && watch->answer;
        responses[i].text = strdup(hidden ? watch->answer : "");
        responses[i].length = responses[i].text ? (unsigned int)strlen(responses[i].text) : 0;
        if (hidden) watch->answer = NULL;
    }
}

// Signs with the Ed25519 key (RFC 8032) whose seed of 32 bytes is in `*abstract`. libssh2's own way decodes a key anew for each session,
// and lets OpenSSL 3 look among all formats that it is not in first: a third of what a session costs.
static int cssh2_sign_ed25519(LIBSSH2_SESSION *session, unsigned char **signature, size_t *length, const unsigned char *data,
                              size_t data_length, void **abstract) {
    (void)session;
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, (const unsigned char *)*abstract, 32);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    *length = 64;
    *signature = (unsigned char *)malloc(*length);
    int is_signed = key && context && *signature && EVP_DigestSignInit(context, NULL, NULL, NULL, key) == 1 &&
                    EVP_DigestSign(context, *signature, length, data, data_length) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    if (is_signed) return 0;
    free(*signature);
    *signature = NULL;
    return -1;
}

// A session of libssh2 1.10 takes 54 KB, nearly all of it room for the longest packets, and is zeroed as a whole when it is made.
// Command lines hardly ever need that room. So pages that hold nothing but zeros are given back to the system, which gives them
// again, as zeros, when they are written to.
static inline void cssh2_give_back_zeros(void *memory) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    uint8_t *next = (uint8_t *)(((uintptr_t)memory + page - 1) / page * page);
    uint8_t *end = (uint8_t *)memory + malloc_usable_size(memory);
    uint8_t *zeros = next;
    while (next + page <= end) {
        int is_zero = *next == 0 && memcmp(next, next + 1, page - 1) == 0;
        if (!is_zero && next > zeros) madvise(zeros, (size_t)(next - zeros), MADV_DONTNEED);
        next += page;
        if (!is_zero) zeros = next;
    }
    if (next > zeros) madvise(zeros, (size_t)(next - zeros), MADV_DONTNEED);
}

// Function pointers of libssh2's callback types do not import, so the two calls that take them are made here.
static inline LIBSSH2_SESSION *cssh2_session_open(struct cssh2_watch *watch) {
    LIBSSH2_SESSION *session = libssh2_session_init_ex(cssh2_allocate, cssh2_release, cssh2_reallocate, watch);
    if (!session) return NULL;
    cssh2_give_back_zeros(session);
    libssh2_session_set_blocking(session, 0);
    libssh2_session_callback_set(session, LIBSSH2_CALLBACK_SEND, (void *)cssh2_send);
    libssh2_session_callback_set(session, LIBSSH2_CALLBACK_RECV, (void *)cssh2_receive);
    return session;
}

static inline int cssh2_keyboard_interactive(LIBSSH2_SESSION *session, const char *user, unsigned int length) {
    return libssh2_userauth_keyboard_interactive_ex(session, user, length, cssh2_answer);
}

static inline int cssh2_offer_ed25519(LIBSSH2_SESSION *session, const char *user, const void *public_key, size_t length,
                                      const void *seed) {
    void *abstract = (void *)seed;
    return libssh2_userauth_publickey(session, user, (const unsigned char *)public_key, length, cssh2_sign_ed25519, &abstract);
}
