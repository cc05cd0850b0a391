// net-snmp's configuration header defines _GNU_SOURCE, which would change fd_set after Glibc has seen it: these come first.
#pragma once
#include <sys/types.h>
#include <sys/select.h>
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
