/* The same rows in SQLite from C, as plainly as can be: one statement, bound again for each row, one commit for so many. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(clockid_t which) {
    struct timespec time;
    clock_gettime(which, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static void run(sqlite3 *database, const char *sql) {
    char *error = NULL;
    if (sqlite3_exec(database, sql, NULL, NULL, &error) != SQLITE_OK) {
        fprintf(stderr, "%s: %s\n", sql, error);
        exit(1);
    }
}

static int ascending(const void *a, const void *b) {
    double difference = *(const double *)a - *(const double *)b;
    return difference < 0 ? -1 : difference > 0;
}

int main(int count, char **words) {
    if (count != 4) return 64;
    int together = atoi(words[2]);
    double seconds = atof(words[3]);
    sqlite3 *database;
    if (sqlite3_open(words[1], &database) != SQLITE_OK) return 1;
    run(database, "PRAGMA journal_mode = WAL");
    run(database, "PRAGMA synchronous = FULL");
    run(database,
        "CREATE TABLE entries (rollout INTEGER NOT NULL, sequence INTEGER NOT NULL, at INTEGER NOT NULL, fence INTEGER "
        "NOT NULL, kind TEXT NOT NULL, device TEXT, fact TEXT NOT NULL, PRIMARY KEY (rollout, sequence)) STRICT");
    sqlite3_stmt *statement;
    sqlite3_prepare_v2(database, "INSERT INTO entries VALUES (1, ?, 1770000000000, 1, 'intent', ?, ?)", -1, &statement, NULL);
    size_t room = 1 << 20, commits = 0;
    double *times = malloc(room * sizeof *times);
    long long sequence = 0;
    double start = now(CLOCK_MONOTONIC);
    while (now(CLOCK_MONOTONIC) - start < seconds && commits < room) {
        double began = now(CLOCK_MONOTONIC);
        run(database, "BEGIN IMMEDIATE");
        for (int number = 0; number < together; number++) {
            char device[32], fact[200];
            snprintf(device, sizeof device, "srv-%d", number);
            snprintf(fact, sizeof fact,
                     "{\"intent\":{\"_0\":{\"attempt\":1,\"device\":\"%s\",\"kind\":\"push\",\"revertsBy\":1770000120000}}}",
                     device);
            sqlite3_bind_int64(statement, 1, ++sequence);
            sqlite3_bind_text(statement, 2, device, -1, SQLITE_TRANSIENT);
            sqlite3_bind_text(statement, 3, fact, -1, SQLITE_TRANSIENT);
            if (sqlite3_step(statement) != SQLITE_DONE) return 1;
            sqlite3_reset(statement);
        }
        run(database, "COMMIT");
        times[commits++] = now(CLOCK_MONOTONIC) - began;
    }
    double wall = now(CLOCK_MONOTONIC) - start, cpu = now(CLOCK_PROCESS_CPUTIME_ID);
    qsort(times, commits, sizeof *times, ascending);
    printf("C         %d together  %.0f intents/s  cpu=%.3f s for 10,000  commit p50 %.1f ms, p99 %.1f ms\n", together,
           sequence / wall, cpu / sequence * 10000, times[commits / 2] * 1000, times[commits * 99 / 100] * 1000);
    return 0;
}
