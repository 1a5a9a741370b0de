//go:build ignore

// The least that sends at a rate: one thread, an absolute schedule, clock_nanosleep
// up to a spin, send. What it does not reach on a machine, that machine does not give.
//
//   paced udp|tcp PORT RATE SIZE SECONDS SPIN_US
//
// It prints "frames N seconds S"; "paced sink PORT" receives and drops until killed.
#include "common.h"

static void sink(int port)
{
   static char        buffer[1 << 18];
   struct sockaddr_in a   = loopback(port);
   const int          udp = socket(AF_INET, SOCK_DGRAM, 0);
   const int          tcp = socket(AF_INET, SOCK_STREAM, 0);
   check(bind(udp, (struct sockaddr*)&a, sizeof(a)) || bind(tcp, (struct sockaddr*)&a, sizeof(a)) || listen(tcp, 1),
         "bind");
   const int ep = epoll_create1(0);
   for(int fd = udp;; fd = tcp) {
      struct epoll_event e = { .events = EPOLLIN, .data.fd = fd };
      check(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e), "epoll_ctl");
      if(fd == tcp) {
         break;
      }
   }
   for(;;) {
      struct epoll_event e;
      if(epoll_wait(ep, &e, 1, -1) != 1) {
         continue;
      }
      if(e.data.fd == tcp) {
         struct epoll_event c = { .events = EPOLLIN, .data.fd = accept(tcp, NULL, NULL) };
         check(epoll_ctl(ep, EPOLL_CTL_ADD, c.data.fd, &c), "accept");
      }
      else if(recv(e.data.fd, buffer, sizeof(buffer), 0) == 0 && e.data.fd != udp) {
         close(e.data.fd);
      }
   }
}

int main(int argc, char** argv)
{
   if(argc == 3 && strcmp(argv[1], "sink") == 0) {
      sink(atoi(argv[2]));
   }
   if(argc != 7) {
      fputs("usage: paced udp|tcp PORT RATE SIZE SECONDS SPIN_US | sink PORT\n", stderr);
      return 1;
   }
   const int          type    = strcmp(argv[1], "tcp") ? SOCK_DGRAM : SOCK_STREAM;
   struct sockaddr_in a       = loopback(atoi(argv[2]));
   const int64_t      rate    = atoll(argv[3]);
   const size_t       size    = (size_t)atoi(argv[4]);
   const int64_t      frames  = rate * atoll(argv[5]);
   const int64_t      spin    = atoll(argv[6]) * 1000;
   unsigned char*     message = calloc(1, size < HEADER ? HEADER : size);

   const int fd = socket(AF_INET, type, 0);
   check(connect(fd, (struct sockaddr*)&a, sizeof(a)), "connect");
   check(prctl(PR_SET_TIMERSLACK, 1UL, 0, 0, 0), "prctl");
   const int64_t start = now(CLOCK_MONOTONIC) + NS / 100;
   for(int64_t i = 0; i < frames; i++) {
      sleepUntil(start + i * NS / rate, spin);
      patch(message, (uint32_t)size, 0, (uint64_t)i);
      if(send(fd, message, size, 0) < 0) {
         check(errno != ECONNREFUSED, "send");
      }
   }
   printf("frames %lld seconds %.6f\n", (long long)frames, (double)(now(CLOCK_MONOTONIC) - start) / 1e9);
   return 0;
}
