// epoll, eventfd and setns are not in Swift's Glibc module.
#pragma once
#include <sys/epoll.h>
#include <sys/eventfd.h>
