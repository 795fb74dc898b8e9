namespace Coriolis.Benchmarks;

internal static class Program
{
    public static int Main() => 2;
}
