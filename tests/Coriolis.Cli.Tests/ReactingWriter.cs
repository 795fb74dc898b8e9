using System.Text;

namespace Coriolis.Cli.Tests;

/// <summary>Does something when a line with a certain text is written, before whoever writes it goes on.</summary>
internal sealed class ReactingWriter(string text, Action react) : StringWriter
{
    public override Encoding Encoding => Encoding.UTF8;

    public override void WriteLine(string? value)
    {
        base.WriteLine(value);
        if (value?.Contains(text, StringComparison.Ordinal) == true)
        {
            react();
        }
    }
}
