// What both bare loops share: clocks, the precise sleep, a message in the layout of
// the program they are the measure for, and plain error handling.
#ifndef COMMON_H
#define COMMON_H
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define NS 1000000000LL
#define HEADER 48

static inline void check(int bad, const char* what)
{
   if(bad) {
      perror(what);
      exit(1);
   }
}

static inline int64_t now(clockid_t id)
{
   struct timespec t;
   clock_gettime(id, &t);
   return t.tv_sec * NS + t.tv_nsec;
}

// Sleeps to spin ns before the instant (CLOCK_MONOTONIC), then spins up to it.
static inline void sleepUntil(int64_t instant, int64_t spin)
{
   const int64_t   wake = instant - spin;
   struct timespec t    = { .tv_sec = wake / NS, .tv_nsec = wake % NS };
   if(now(CLOCK_MONOTONIC) < wake) {
      while(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR) {
      }
   }
   while(now(CLOCK_MONOTONIC) < instant) {
   }
}

// Patches what changes from message to message: flow, frame, sequence and byte
// numbers, time stamp.
static inline void patch(unsigned char* m, uint32_t size, uint32_t flow, uint64_t number)
{
   const uint32_t start = htobe32(0x05030000u | (size & 0xffffu));
   const uint32_t id    = htobe32(flow);
   const uint32_t frame = htobe32((uint32_t)number);
   const uint64_t seq   = htobe64(number);
   const uint64_t bytes = htobe64(number * size);
   const uint64_t stamp = htobe64((uint64_t)(now(CLOCK_REALTIME) / 1000));
   memcpy(m, &start, 4);
   memcpy(m + 4, &id, 4);
   memcpy(m + 20, &frame, 4);
   memcpy(m + 24, &seq, 8);
   memcpy(m + 32, &bytes, 8);
   memcpy(m + 40, &stamp, 8);
}

static inline struct sockaddr_in loopback(int port)
{
   struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
   a.sin_addr.s_addr    = htonl(INADDR_LOOPBACK);
   return a;
}

#endif
