using System.Text;

namespace Coriolis.Cli.Tests;

/// <summary>Presses Ctrl-C, so to speak, when a line with a certain text is written.</summary>
internal sealed class CancellingWriter(string text, CancellationTokenSource cancellation) : StringWriter
{
    public override Encoding Encoding => Encoding.UTF8;

    public override void WriteLine(string? value)
    {
        base.WriteLine(value);
        if (value?.Contains(text, StringComparison.Ordinal) == true)
        {
            cancellation.Cancel();
        }
    }
}
