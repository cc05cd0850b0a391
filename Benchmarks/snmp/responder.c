// Plays any number of SNMP agents, so that the client is what a benchmark measures. Bound to every address: run it where
// there is only a loopback interface. Answers GET and GETBULK of v2c about four interfaces, eth0 to eth3 at rows 1 to 4.
//
//     responder [PORT]
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { BATCH = 64, ROOM = 4096 };
typedef unsigned char byte;

static const byte uptime[] = {0x2b, 6, 1, 2, 1, 1, 3, 0};
static const byte if_table[] = {0x2b, 6, 1, 2, 1, 2, 2, 1};
static const byte if_x_table[] = {0x2b, 6, 1, 2, 1, 31, 1, 1, 1};

// The content of the element at *at, with its tag; *at moves behind it. NULL when it does not fit.
static const byte *element(const byte **at, const byte *end, int *tag, int *length) {
    const byte *p = *at;
    if (end - p < 2) return NULL;
    *tag = *p++;
    int n = *p++;
    if (n & 0x80) {
        int octets = n & 0x7f;
        if (octets < 1 || octets > 2 || end - p < octets) return NULL;
        for (n = 0; octets--;) n = n << 8 | *p++;
    }
    if (end - p < n) return NULL;
    *length = n;
    *at = p + n;
    return p;
}

// Everything is written from the end to the start, so that lengths are known when they are due.
static byte *header(byte *at, int tag, const byte *end) {
    int length = (int)(end - at);
    if (length > 0xff) { *--at = length & 0xff; *--at = (byte)(length >> 8); *--at = 0x82; }
    else if (length > 0x7f) { *--at = (byte)length; *--at = 0x81; }
    else *--at = (byte)length;
    *--at = (byte)tag;
    return at;
}

static byte *number(byte *at, int tag, unsigned long long value) {
    const byte *end = at;
    do { *--at = value & 0xff; value >>= 8; } while (value);
    if (*at & 0x80) *--at = 0;
    return header(at, tag, end);
}

static byte *copy(byte *at, const void *octets, int length) { return memcpy(at - length, octets, length); }

static byte *value(byte *at, const byte *name, int length, unsigned long long ticks) {
    int row = name[length - 1], column = name[length - 2];
    if (length == sizeof uptime && !memcmp(name, uptime, sizeof uptime)) return number(at, 0x43, ticks & 0xffffffff);
    if (row < 1 || row > 4) goto absent;
    if (length == sizeof if_x_table + 2 && !memcmp(name, if_x_table, sizeof if_x_table)) {
        char text[] = "eth0";
        text[3] += row - 1;
        if (column == 1) { const byte *end = at; return header(copy(at, text, 4), 4, end); }
        if (column == 15) return number(at, 0x42, 10000);
        if (column == 19) return number(at, 0x43, 0);
        return number(at, 0x46, (1ull << 60) + ticks * 1000003 + row);
    }
    if (length == sizeof if_table + 2 && !memcmp(name, if_table, sizeof if_table)) {
        if (column == 8) return number(at, 2, 1);
        return number(at, 0x41, (ticks * 17 + row) & 0xffffffff);
    }
absent:
    *--at = 0;
    *--at = 0x81;
    return at;
}

// The answer, which ends at `end`; NULL for what is no question.
static byte *answer(const byte *in, int length, byte *end, unsigned long long ticks) {
    const byte *at = in, *stop = in + length, *names[256];
    int tag, n, kind, lengths[256], count = 0;
    if (!(at = element(&at, stop, &tag, &n)) || tag != 0x30) return NULL;
    const byte *start = at;
    if (!element(&at, stop, &tag, &n) || !element(&at, stop, &tag, &n)) return NULL;
    int lead = (int)(at - start);
    const byte *pdu = element(&at, stop, &kind, &n);
    if (!pdu || (kind != 0xa0 && kind != 0xa5)) return NULL;
    at = pdu;
    if (!element(&at, stop, &tag, &n)) return NULL;
    int id = (int)(at - pdu);
    if (!element(&at, stop, &tag, &n) || !element(&at, stop, &tag, &n)) return NULL;
    const byte *list = element(&at, stop, &tag, &n);
    if (!list) return NULL;
    for (const byte *stop_list = list + n; list < stop_list && count < 256;) {
        const byte *binding = element(&list, stop_list, &tag, &n);
        if (!binding || !(names[count] = element(&binding, stop_list, &tag, &lengths[count]))) return NULL;
        if (lengths[count++] < 2) return NULL;
    }
    byte *out = end;
    static byte rows[4][sizeof if_x_table + 2];
    if (kind == 0xa5) {
        // Only the names are ever walked, and all four fit one answer.
        for (count = 0; count < 4; count++) {
            memcpy(rows[count], if_x_table, sizeof if_x_table);
            rows[count][sizeof if_x_table] = 1;
            rows[count][sizeof if_x_table + 1] = (byte)(count + 1);
            names[count] = rows[count];
            lengths[count] = sizeof rows[count];
        }
    }
    for (int i = count; i--;) {
        const byte *binding_end = out;
        out = value(out, names[i], lengths[i], ticks);
        const byte *name_end = out;
        out = header(copy(out, names[i], lengths[i]), 6, name_end);
        out = header(out, 0x30, binding_end);
    }
    out = header(out, 0x30, end);
    out = number(number(out, 2, 0), 2, 0);
    out = header(copy(out, pdu, id), 0xa2, end);
    return header(copy(out, start, lead), 0x30, end);
}

int main(int count, char **words) {
    int port = count > 1 ? atoi(words[1]) : 1161, on = 1, room = 64 << 20;
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof room);
    // An agent answers from the address that was asked.
    setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (bind(fd, (void *)&here, sizeof here)) { perror("bind"); return 1; }

    static byte in[BATCH][ROOM], out[BATCH][ROOM], control[BATCH][64];
    struct mmsghdr asked[BATCH], answers[BATCH];
    struct iovec in_parts[BATCH], out_parts[BATCH];
    struct sockaddr_in peers[BATCH];
    for (;;) {
        for (int i = 0; i < BATCH; i++) {
            in_parts[i] = (struct iovec){in[i], ROOM};
            asked[i].msg_hdr = (struct msghdr){
                .msg_name = &peers[i], .msg_namelen = sizeof peers[i], .msg_iov = &in_parts[i], .msg_iovlen = 1,
                .msg_control = control[i], .msg_controllen = sizeof control[i]};
        }
        int got = recvmmsg(fd, asked, BATCH, MSG_WAITFORONE, 0), ready = 0;
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        for (int i = 0; i < got; i++) {
            byte *end = out[i] + ROOM;
            byte *start = answer(in[i], asked[i].msg_len, end, now.tv_sec * 100ull + now.tv_nsec / 10000000);
            if (!start) continue;
            for (struct cmsghdr *c = CMSG_FIRSTHDR(&asked[i].msg_hdr); c; c = CMSG_NXTHDR(&asked[i].msg_hdr, c)) {
                struct in_pktinfo *info = (void *)CMSG_DATA(c);
                if (c->cmsg_type == IP_PKTINFO) { info->ipi_spec_dst = info->ipi_addr; info->ipi_ifindex = 0; }
            }
            out_parts[ready] = (struct iovec){start, end - start};
            answers[ready].msg_hdr = (struct msghdr){
                .msg_name = &peers[i], .msg_namelen = sizeof peers[i], .msg_iov = &out_parts[ready], .msg_iovlen = 1,
                .msg_control = control[i], .msg_controllen = asked[i].msg_hdr.msg_controllen};
            ready++;
        }
        for (int sent = 0; sent < ready;) {
            int n = sendmmsg(fd, answers + sent, ready - sent, 0);
            sent += n > 0 ? n : 1;
        }
    }
}
