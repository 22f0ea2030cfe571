package tp.host;

import tp.spi.common.TpException;

/** Failures in words for people. */
final class Failures {

    private Failures() {}

    static HelperReply.Refused refused(String what) {
        return new HelperReply.Refused(
                TpException.Category.ENVIRONMENT,
                what,
                "see the log, whose place `tp version` tells");
    }
}
