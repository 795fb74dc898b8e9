using System.Text;

namespace Coriolis.Cli.Tests;

/// <summary>Does something when a line with a certain text is written, before whoever writes it goes on.</summary>
internal sealed class ReactingWriter(params (string Text, Action React)[] reactions) : StringWriter
{
    public override Encoding Encoding => Encoding.UTF8;

    public override void WriteLine(string? value)
    {
        base.WriteLine(value);
        foreach (var (_, react) in reactions.Where(reaction => value?.Contains(reaction.Text, StringComparison.Ordinal) == true))
        {
            react();
        }
    }
}
