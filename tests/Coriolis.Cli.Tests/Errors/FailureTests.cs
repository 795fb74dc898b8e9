using Coriolis.Providers;
using Microsoft.Extensions.Options;

namespace Coriolis.Cli.Tests;

public sealed class FailureTests
{
    private static IEnumerable<TestCaseData> ExitCodes()
    {
        yield return new TestCaseData(new InstanceNotFoundException("x"), ExitCode.NotFound);
        yield return new TestCaseData(new AmbiguousInstanceException("x", ["i-1", "i-2"]), ExitCode.NotFound);
        yield return new TestCaseData(new SourceAccessDeniedException("x"), ExitCode.Failed);
        yield return new TestCaseData(new UnsupportedInstanceException("x"), ExitCode.Failed);
        yield return new TestCaseData(new DestinationException("x"), ExitCode.Failed);
        yield return new TestCaseData(new IOException("x"), ExitCode.Failed);
        yield return new TestCaseData(new InvalidOperationException("x"), ExitCode.Failed);
        yield return new TestCaseData(new UsageException(["x"]), ExitCode.Usage);
        yield return new TestCaseData(new OptionsValidationException("x", typeof(string), ["x"]), ExitCode.Usage);
        yield return new TestCaseData(new TaskCanceledException(), ExitCode.Cancelled);
    }

    [TestCaseSource(nameof(ExitCodes))]
    public void ExitCodeFor_AnError_IsTheDocumentedOne(Exception exception, int expected)
    {
        var code = Failure.ExitCodeFor(exception);

        Assert.That(code, Is.EqualTo(expected));
    }

    [Test]
    public void From_AKnownError_KeepsEachPartOnce()
    {
        var exception = new SourceException("The snapshot failed.")
        {
            ErrorCode = "InternalError",
            Remedy = "Run it again.",
            RequestId = "r-1",
            ResourceId = "snap-1",
        };

        var failure = Failure.From(exception);

        Assert.That(failure, Is.EqualTo(new Failure
        {
            Code = "InternalError",
            Message = "The snapshot failed.",
            Remedy = "Run it again.",
            RequestId = "r-1",
            ResourceId = "snap-1",
        }));
    }

    [Test]
    public void From_AnErrorWithoutACode_NamesItsKind()
    {
        var failure = Failure.From(new DestinationException("The disk is full."));

        Assert.That(failure.Code, Is.EqualTo("Destination"));
    }

    [Test]
    public void Describe_AFailure_IsOneLineWithRemedyAndRequestId()
    {
        var text = ErrorWriter.Describe(new Failure { Code = "X", Message = "It failed.", Remedy = "Do this.", RequestId = "r-1" });

        Assert.That(text, Is.EqualTo("It failed. Do this. (request id r-1)"));
    }
}
