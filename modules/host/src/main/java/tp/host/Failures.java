package tp.host;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import tp.spi.common.TpException;

/** Failures in words for people. */
final class Failures {

    private Failures() {}

    /** {@return what failed and why} Some of Java's exceptions say one only in their name. */
    static String reason(IOException failure) {
        return switch (failure) {
            case AccessDeniedException e -> e.getFile() + ": access denied";
            case NoSuchFileException e -> e.getFile() + ": no such file";
            case FileAlreadyExistsException e -> e.getFile() + ": exists already";
            case FileSystemException e -> e.getFile() + ": " + e.getReason();
            default -> String.valueOf(failure.getMessage());
        };
    }

    static HelperReply.Refused refused(String what) {
        return new HelperReply.Refused(TpException.Category.ENVIRONMENT, what, "");
    }
}
