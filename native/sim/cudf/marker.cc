// By which an engine library knows that it runs on the host, not on a GPU: NVIDIA's libraries have no such symbol.
extern "C" {
extern const int host_cudf;
const int host_cudf = 1;
}
