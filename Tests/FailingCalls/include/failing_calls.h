/* Preloaded (LD_PRELOAD) into the program under test: lets its n-th call of a kind fail, or ends the process there.
 *
 *   FAILING_CALL   send, pwrite64 or fdatasync; the last two count only on the files of a store (*.db*)
 *   FAILING_AT     which call, from 1 on; 0 fails none
 *   FAILING_HOW    before or after: kill -9 before or after it; or the number of the error it fails with, without effect
 *   FAILING_COUNT  a file that is told at the end how many calls there were
 */
