#pragma once
#include <libpq-fe.h>
#include <sys/ioctl.h>

// How much has arrived that was not read yet. ioctl takes a variable number of arguments, which do not import.
static inline int cpostgres_waiting(int socket) {
    int count = 0;
    return ioctl(socket, FIONREAD, &count) == 0 ? count : -1;
}
