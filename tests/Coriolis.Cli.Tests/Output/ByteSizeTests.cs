namespace Coriolis.Cli.Tests;

public sealed class ByteSizeTests
{
    [TestCase(0, "0 B")]
    [TestCase(1023, "1023 B")]
    [TestCase(1024, "1 KiB")]
    [TestCase(1536, "1.5 KiB")]
    [TestCase(5L << 20, "5 MiB")]
    [TestCase((1L << 40) + (1L << 39), "1.5 TiB")]
    [TestCase(5000L << 40, "5000 TiB")]
    public void Format_ASize_UsesTheLargestBinaryUnit(long bytes, string expected)
    {
        var text = ByteSize.Format(bytes);

        Assert.That(text, Is.EqualTo(expected));
    }
}
