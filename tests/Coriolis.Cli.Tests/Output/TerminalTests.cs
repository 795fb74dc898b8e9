namespace Coriolis.Cli.Tests;

public sealed class TerminalTests
{
    [TestCase("\u001b]0;owned\u0007web", "\ufffd]0;owned\ufffdweb")]
    [TestCase("web\u009b2J", "web\ufffd2J")]
    [TestCase("a\tb\nc ü", "a\tb\nc ü")]
    public void Write_TextOfOthers_CannotControlTheTerminal(string text, string expected)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var terminal = new Terminal(output, error);

        terminal.WriteResult(text);
        terminal.WriteNote(text);

        Assert.That(output.ToString(), Is.EqualTo(expected + Environment.NewLine));
        Assert.That(error.ToString(), Is.EqualTo(expected + Environment.NewLine));
    }
}
