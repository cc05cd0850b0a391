// The same polls through libsnmp's own sessions, as a C program would do them: one session and socket an agent, epoll.
//
//     peer AGENTS PORT SECONDS [33 | v3]
//
// One poll is one GET: by default the 35 objects that the product asks for three interfaces; with 33, sysUpTime and eight
// counters of four interfaces. With v3 the 35 objects as user bench, signed with SHA-1 and hidden with AES-128.
#define _GNU_SOURCE
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
#include <net-snmp/library/large_fd_set.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>

struct agent { struct session_list *session; int fd, busy; };
static oid names[64][16];
static size_t lengths[64];
static int objects, stopping;
static long polls, silent, wrong, in_flight;
static unsigned long long sum;

static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec + t.tv_nsec / 1e9; }

static void add(const char *text) {
    size_t n = 16;
    // Numbers only: no MIB is read.
    oid *name = names[objects];
    size_t count = 0;
    for (const char *p = text; count < n; p++) {
        name[count++] = strtoul(p, (char **)&p, 10);
        if (*p != '.') break;
    }
    lengths[objects++] = count;
}

static void add_column(const char *column, int row) {
    char text[64];
    snprintf(text, sizeof text, "%s.%d", column, row);
    add(text);
}

static void choose(int small) {
#define IF "1.3.6.1.2.1.2.2.1."
#define IFX "1.3.6.1.2.1.31.1.1.1."
    static const char *product[] = {IFX "1", IFX "6", IFX "10", IF "14", IF "20", IF "13", IF "19", IF "8", IFX "15", IFX "19"};
    static const char *plain[] = {IFX "6", IFX "10", IFX "7", IFX "11", IF "14", IF "20", IF "13", IF "19"};
    add("1.3.6.1.2.1.1.3.0");
    if (small) {
        for (int row = 1; row <= 4; row++) for (int c = 0; c < 8; c++) add_column(plain[c], row);
        return;
    }
    add("1.3.6.1.6.3.10.2.1.2.0");
    add("1.3.6.1.6.3.10.2.1.3.0");
    add("1.3.6.1.2.1.4.31.1.1.25.1");
    add("1.3.6.1.2.1.31.1.5.0");
    for (int row = 1; row <= 3; row++) for (int c = 0; c < 10; c++) add_column(product[c], row);
}

static void be_user(netsnmp_session *session) {
    static const u_char secret[] = "benchpass1";
    session->version = SNMP_VERSION_3;
    session->securityName = "bench";
    session->securityNameLen = 5;
    session->securityLevel = SNMP_SEC_LEVEL_AUTHPRIV;
    session->securityAuthProto = usmHMACSHA1AuthProtocol;
    session->securityAuthProtoLen = USM_AUTH_PROTO_SHA_LEN;
    session->securityAuthKeyLen = USM_AUTH_KU_LEN;
    generate_Ku(session->securityAuthProto, session->securityAuthProtoLen, (u_char *)secret, sizeof secret - 1,
                session->securityAuthKey, &session->securityAuthKeyLen);
    session->securityPrivProto = usmAESPrivProtocol;
    session->securityPrivProtoLen = USM_PRIV_PROTO_AES_LEN;
    session->securityPrivKeyLen = USM_PRIV_KU_LEN;
    generate_Ku(session->securityAuthProto, session->securityAuthProtoLen, (u_char *)secret, sizeof secret - 1,
                session->securityPrivKey, &session->securityPrivKeyLen);
}

static void ask(struct agent *agent);

static int done(int operation, netsnmp_session *session, int id, netsnmp_pdu *pdu, void *context) {
    (void)session; (void)id;
    struct agent *agent = context;
    // A resend is not an end.
    if (operation == NETSNMP_CALLBACK_OP_RESEND) return 0;
    agent->busy = 0;
    in_flight--;
    if (operation != NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE) { silent++; return 1; }
    int count = 0;
    for (netsnmp_variable_list *v = pdu->variables; v; v = v->next_variable, count++) {
        if (v->type == ASN_COUNTER64) sum += (unsigned long long)v->val.counter64->high << 32 | v->val.counter64->low;
        else if (v->type != ASN_OCTET_STR && v->val.integer) sum += *v->val.integer;
    }
    if (count == objects && !pdu->errstat) polls++; else wrong++;
    return 1;
}

static void ask(struct agent *agent) {
    netsnmp_pdu *pdu = snmp_pdu_create(SNMP_MSG_GET);
    for (int i = 0; i < objects; i++) snmp_add_null_var(pdu, names[i], lengths[i]);
    if (!snmp_sess_async_send(agent->session, pdu, done, agent)) { snmp_free_pdu(pdu); wrong++; return; }
    agent->busy = 1;
    in_flight++;
}

int main(int count, char **words) {
    int agents = count > 1 ? atoi(words[1]) : 200, port = count > 2 ? atoi(words[2]) : 1161;
    double seconds = count > 3 ? atof(words[3]) : 3;
    int as_user = count > 4 && !strcmp(words[4], "v3");
    choose(count > 4 && atoi(words[4]) == 33);
    setenv("MIBS", "", 1);
    netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_READ_CONFIGS, 1);
    netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_PERSIST_STATE, 1);
    snmp_disable_log();
    init_snmp("peer");
    struct agent *all = calloc(agents, sizeof *all);
    int epoll = epoll_create1(0);
    for (int i = 0; i < agents; i++) {
        char address[64];
        snprintf(address, sizeof address, "udp:127.1.%d.%d:%d", i / 250, i % 250 + 1, port);
        netsnmp_session session;
        snmp_sess_init(&session);
        session.peername = address;
        session.version = SNMP_VERSION_2c;
        session.community = (u_char *)"public";
        session.community_len = 6;
        if (as_user) be_user(&session);
        session.timeout = 1000000;
        session.retries = 1;
        if (!(all[i].session = snmp_sess_open(&session))) { fprintf(stderr, "no session to %s\n", address); return 1; }
        all[i].fd = snmp_sess_transport(all[i].session)->sock;
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &all[i]};
        epoll_ctl(epoll, EPOLL_CTL_ADD, all[i].fd, &event);
    }
    netsnmp_large_fd_set ready;
    netsnmp_large_fd_set_init(&ready, agents + 1024);
    struct rusage before, after;
    getrusage(RUSAGE_SELF, &before);
    double start = now(), swept = start;
    for (int i = 0; i < agents; i++) ask(&all[i]);
    while (in_flight) {
        struct epoll_event events[256];
        int n = epoll_wait(epoll, events, 256, 100);
        for (int i = 0; i < n; i++) {
            struct agent *agent = events[i].data.ptr;
            NETSNMP_LARGE_FD_SET(agent->fd, &ready);
            snmp_sess_read2(agent->session, &ready);
            NETSNMP_LARGE_FD_CLR(agent->fd, &ready);
            if (!agent->busy && !stopping) ask(agent);
        }
        double time = now();
        stopping = time - start >= seconds;
        if (time - swept > 0.2) {
            swept = time;
            for (int i = 0; i < agents; i++) {
                snmp_sess_timeout(all[i].session);
                if (!all[i].busy && !stopping) ask(&all[i]);
            }
        }
    }
    double wall = now() - start;
    getrusage(RUSAGE_SELF, &after);
    double cpu = after.ru_utime.tv_sec - before.ru_utime.tv_sec + after.ru_stime.tv_sec - before.ru_stime.tv_sec
        + (after.ru_utime.tv_usec - before.ru_utime.tv_usec + after.ru_stime.tv_usec - before.ru_stime.tv_usec) / 1e6;
    printf("libsnmp in C%s  %d agents  %d objects  %ld polls  %.0f polls/s  %.3f CPU s/10k polls  %ld MiB  %ld silent  %ld wrong\n",
           as_user ? " v3" : "", agents, objects, polls, polls / wall, cpu * 1e4 / (polls ? polls : 1), after.ru_maxrss / 1024, silent, wrong);
    return sum == 1;
}
